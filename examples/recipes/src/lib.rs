//! Recipes and what goes into them: all that the store and the sync have to be told of them.

use colophon_store::schema::ColumnSet;
use colophon_store::undo::Undo;
use colophon_store::{
    BelongsTo, Bound, Derived, Entity, Error, FieldOptions, FileSchema, HasMany, NameColumns, NoFilter, Registered,
    Result, SortOrder, Stamp, entity, entity_id,
};
use colophon_sync::central::{CentralSchema, MigrationError};
use colophon_sync::{CONFLICTS, Edition};

/// The mark by which a file is known to be of this program, wherever it lies.
pub const APPLICATION_ID: i32 = i32::from_be_bytes(*b"Reci");

entity_id! {
    /// The id of a recipe.
    RecipeId refers to "recipe"
}

entity_id! {
    /// The id of an ingredient.
    IngredientId refers to "ingredient"
}

// A line is a field: a column of the table, and a field of the struct and its draft.
entity! {
    /// A recipe.
    pub struct Recipe in "recipe" with RecipeId, fields RecipeFields, draft #[derive(Default)] RecipeDraft {
        /// What it is called.
        title: String,
        /// How long it takes.
        minutes: Option<i32>,
        /// How much it makes.
        kilograms: Option<f64>,
        /// How often it was cooked.
        times_cooked: i64,
        /// What it is found under.
        tags: Vec<String>,
    }
}

entity! {
    /// Something that goes into a recipe.
    pub struct Ingredient in "ingredient" with IngredientId, fields IngredientFields, draft IngredientDraft {
        /// The recipe, which takes its ingredients with it when it is deleted.
        recipe_id: RecipeId = FieldOptions::PART_OF,
        /// What, and how much of it.
        what: String,
    }
}

/// The orders of a list. An index serves each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RecipeSort {
    /// By title.
    #[default]
    Title,
}

impl SortOrder for RecipeSort {
    fn expression(self) -> &'static str {
        "title_key"
    }
}

/// Ingredients are in the order in which they were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Added;

impl SortOrder for Added {
    fn expression(self) -> &'static str {
        "rowid"
    }
}

impl Entity for Recipe {
    type Draft = RecipeDraft;
    type Filter = NoFilter;
    type Sort = RecipeSort;

    const DERIVED: &'static [Derived] = &[Derived {
        name: "title_key",
        from: &["title"],
    }];
    const NAME: NameColumns = NameColumns {
        plain: "title",
        folded: "title_key",
    };

    fn from_draft(draft: &RecipeDraft, stamp: Stamp) -> Self {
        Self::drafted(draft.clone(), stamp)
    }

    fn derive(&self, _: usize) -> Bound {
        Bound::Text(Self::fold(&self.title))
    }

    fn joined(self, _: ColumnSet) -> Result<Self> {
        if self.title.trim().is_empty() {
            return Err(Error::invalid("title", "a recipe needs a title"));
        }
        Ok(self)
    }
}

impl Entity for Ingredient {
    type Draft = IngredientDraft;
    type Filter = NoFilter;
    type Sort = Added;

    fn from_draft(draft: &IngredientDraft, stamp: Stamp) -> Self {
        Self::drafted(draft.clone(), stamp)
    }
}

impl HasMany<Ingredient> for Recipe {
    const FOREIGN_KEY: &'static str = "recipe_id";
    const CHILD_ORDER: &'static str = "rowid";
}

impl BelongsTo<Recipe> for Ingredient {
    fn parent_id(&self) -> Option<RecipeId> {
        Some(self.recipe_id)
    }
}

/// The entities, parents before children.
pub const ENTITIES: &[Registered] = &[Registered::of::<Recipe>(), Registered::of::<Ingredient>()];

/// Undo and redo of whatever was done with them.
pub const UNDO: Undo = Undo::of(ENTITIES);

/// What the program knows of a server.
pub fn edition() -> Result<Edition, MigrationError> {
    let central = CentralSchema::for_application(&[(
        "V1__recipes",
        include_str!("../migrations/server/V1__recipes.sql"),
        include_str!("../migrations/server/down/V1__recipes.sql"),
    )])?;
    Ok(Edition::for_application(ENTITIES, central))
}

/// What the program expects of its file.
pub fn file_schema(edition: &Edition) -> Result<FileSchema> {
    let recipes = (
        "V1__recipes",
        include_str!("../migrations/file/V1__recipes.sql"),
        include_str!("../migrations/file/down/V1__recipes.sql"),
    );
    let (make, take_back) = CONFLICTS;
    let conflicts = ("V2__conflicts", make, take_back);
    FileSchema::for_application(APPLICATION_ID, &[recipes, conflicts], edition.entities)
}
