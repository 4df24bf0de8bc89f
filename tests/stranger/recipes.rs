//! Recipes and their ingredients, as a stranger to this project would declare them.

use shelf::jiff::civil::Date;
use shelf::schema::ColumnSet;
use shelf::serde_json::Value as Document;
use shelf::{
    BelongsTo, Bound, Derived, Entity, EntityId as _, Error, FieldOptions, FileSchema, HasMany, Json, NameColumns,
    NoFilter, Registered, Result, Settings, SortOrder, Stamp, entity, entity_id,
};

/// The mark of this application's files: "Reci".
pub const APPLICATION_ID: i32 = 0x5265_6369;

entity_id! {
    /// The id of a recipe.
    RecipeId refers to "recipe"
}

entity_id! {
    /// The id of an ingredient.
    IngredientId refers to "ingredient"
}

entity! {
    /// A recipe.
    pub struct Recipe in "recipe" with RecipeId, fields RecipeFields {
        /// What it is called.
        title: String,
        /// How long it takes.
        minutes: i32,
        /// How much it makes, in kilograms.
        kilograms: f64,
        /// How often it was looked at.
        looks: i64,
        /// Whether it was ever cooked.
        is_tried: bool,
        /// When it was cooked last.
        cooked_on: Option<Date>,
        /// What it is found under.
        tags: Vec<String>,
        /// What else there is to say.
        more: Option<Json<Document>>,
    }
}

entity! {
    /// Something that goes into it.
    pub struct Ingredient in "ingredient" with IngredientId, fields IngredientFields {
        /// The recipe.
        recipe_id: RecipeId = FieldOptions::PART_OF,
        /// What, and how much.
        what: String,
    }
}

/// The order of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// As they were made.
    #[default]
    Added,
}

impl SortOrder for Sort {
    fn expression(self) -> &'static str {
        "created_at"
    }
}

impl Recipe {
    /// One that nobody has cooked yet.
    pub fn draft(title: &str, minutes: i32) -> Self {
        Self {
            id: RecipeId::from_uuid(shelf::uuid::Uuid::nil()),
            title: title.to_owned(),
            minutes,
            kilograms: 0.1,
            looks: 0,
            is_tried: false,
            cooked_on: None,
            tags: Vec::new(),
            more: None,
            created_at: shelf::jiff::Timestamp::UNIX_EPOCH,
            updated_at: shelf::jiff::Timestamp::UNIX_EPOCH,
        }
    }
}

impl Entity for Recipe {
    type Draft = Self;
    type Filter = NoFilter;
    type Sort = Sort;

    const DERIVED: &'static [Derived] = &[Derived {
        name: "title_key",
        from: &["title"],
    }];
    const NAME: NameColumns = NameColumns {
        plain: "title",
        folded: "title_key",
    };

    fn from_draft(draft: &Self, stamp: Stamp) -> Self {
        Self {
            id: RecipeId::from_uuid(stamp.id),
            created_at: stamp.now,
            updated_at: stamp.now,
            ..draft.clone()
        }
    }

    fn checked(self, _: ColumnSet) -> Result<Self> {
        if self.title.trim().is_empty() {
            return Err(Error::invalid("title", "a recipe needs a title"));
        }
        Ok(self)
    }

    fn derive(&self, _: usize) -> Bound {
        Bound::Text(Self::fold(&self.title))
    }
}

impl Entity for Ingredient {
    type Draft = (RecipeId, String);
    type Filter = NoFilter;
    type Sort = Sort;

    fn from_draft((recipe_id, what): &Self::Draft, stamp: Stamp) -> Self {
        Self {
            id: IngredientId::from_uuid(stamp.id),
            recipe_id: *recipe_id,
            what: what.clone(),
            created_at: stamp.now,
            updated_at: stamp.now,
        }
    }
}

impl HasMany<Ingredient> for Recipe {
    const FOREIGN_KEY: &'static str = "recipe_id";
    const CHILD_ORDER: &'static str = "created_at,rowid";
}

impl BelongsTo<Recipe> for Ingredient {
    fn parent_id(&self) -> Option<RecipeId> {
        Some(self.recipe_id)
    }
}

/// Both, parents first.
pub const ENTITIES: &[Registered] = &[Registered::of::<Recipe>(), Registered::of::<Ingredient>()];

/// What makes them.
pub const RECIPES: &str = "
CREATE TABLE recipe (
    id         BLOB NOT NULL PRIMARY KEY,
    title      TEXT NOT NULL,
    minutes    INTEGER NOT NULL,
    kilograms  REAL NOT NULL,
    looks      INTEGER NOT NULL,
    is_tried   INTEGER NOT NULL,
    cooked_on  TEXT,
    tags       TEXT NOT NULL,
    more       TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    title_key  TEXT NOT NULL DEFAULT '',
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE ingredient (
    id         BLOB NOT NULL PRIMARY KEY,
    recipe_id  BLOB NOT NULL REFERENCES recipe (id),
    what       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;";

/// What a program expects of its file.
pub fn schema() -> Result<FileSchema> {
    let up = ("V1__recipes", RECIPES, "DROP TABLE ingredient; DROP TABLE recipe;");
    FileSchema::for_application(APPLICATION_ID, &[up], ENTITIES)
}

/// How the file is opened.
pub fn settings(file: &std::path::Path) -> Settings {
    Settings {
        application_id: APPLICATION_ID,
        ..Settings::for_file(file)
    }
}
