-- What colleagues said that nobody has read yet, of which letters tell.
CREATE INDEX mention_unread ON mention (company, at) WHERE read_at IS NULL;
