-- What was done and what is to be done beside an item.
ALTER TABLE activity ADD COLUMN item {blob};
CREATE INDEX activity_item ON activity (item, company, id) WHERE item IS NOT NULL;
ALTER TABLE task ADD COLUMN item {blob};
CREATE INDEX task_item ON task (item, company, id) WHERE item IS NOT NULL;
