DROP TABLE ingredient;
DROP TABLE recipe;
