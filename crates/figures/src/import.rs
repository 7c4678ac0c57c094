//! Importing 100 000 rows of ten columns, beside inserting the same rows raw.
