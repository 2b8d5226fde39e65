"""The reactive model: records by key, indexes, phases, coalesced change sets."""
