"""Log streams and the lines they bring."""
