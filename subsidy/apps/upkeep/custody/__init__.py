"""Whether database, media and keys belong together, and the exchange of field keys."""
