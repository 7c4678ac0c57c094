//! What goes over the line, told once: the same shape is shown as JSON Schema and checks what came.

use serde_json::{Map, Value, json};

/// The deepest that a value may lie.
const DEEPEST: usize = 8;

/// What a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Like {
    /// Anything that can be shown.
    Plain,
    /// `2026-05-01`.
    Day,
    /// `2026-05-01T12:00:00Z`.
    Time,
    /// An id with this prefix.
    Id(&'static str),
    /// A key of a tree, such as `contact.email`.
    Key,
    /// An address that begins with `https://` or `http://`.
    Url,
}

/// The shape of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A text of so many characters.
    Text(Like, usize, usize),
    /// A whole number between these.
    Number(i64, i64),
    /// Yes or no.
    Flag,
    /// One of these words.
    Word(Vec<&'static str>),
    /// At most so many of these.
    List(Box<Shape>, usize),
    /// Fields.
    Record(Vec<Field>),
    /// A shape with a name of its own, shared by many.
    Named(&'static str, Box<Shape>),
    /// This or nothing.
    OrNull(Box<Shape>),
    /// Any object.
    Any,
}

/// A field of a record, or a parameter of an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub sentence: &'static str,
    /// Its shape.
    pub shape: Shape,
    /// True when it must be there.
    pub needed: bool,
}

/// A field that must be there.
#[must_use]
pub const fn must(name: &'static str, shape: Shape, sentence: &'static str) -> Field {
    Field { name, sentence, shape, needed: true }
}

/// A field that may be left out.
#[must_use]
pub const fn may(name: &'static str, shape: Shape, sentence: &'static str) -> Field {
    Field { name, sentence, shape, needed: false }
}

impl Shape {
    /// A text that is not empty.
    #[must_use]
    pub const fn text(most: usize) -> Self {
        Self::Text(Like::Plain, 1, most)
    }
    /// A text that may be empty.
    #[must_use]
    pub const fn any_text(most: usize) -> Self {
        Self::Text(Like::Plain, 0, most)
    }
    /// An id with a prefix.
    #[must_use]
    pub const fn id(prefix: &'static str) -> Self {
        Self::Text(Like::Id(prefix), 30, 30)
    }
    /// A day.
    #[must_use]
    pub const fn day() -> Self {
        Self::Text(Like::Day, 10, 10)
    }
    /// An instant.
    #[must_use]
    pub const fn time() -> Self {
        Self::Text(Like::Time, 10, 40)
    }
    /// A key of a tree.
    #[must_use]
    pub const fn key() -> Self {
        Self::Text(Like::Key, 1, 200)
    }
    /// This or nothing.
    #[must_use]
    pub fn or_null(self) -> Self {
        Self::OrNull(Box::new(self))
    }
    /// Many of these.
    #[must_use]
    pub fn list(self, most: usize) -> Self {
        Self::List(Box::new(self), most)
    }
    /// The same with a name of its own.
    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        Self::Named(name, Box::new(self))
    }
    /// A page of a list.
    #[must_use]
    pub fn page_of(self) -> Self {
        Self::Record(vec![
            must("data", self.list(200), "The page."),
            must(
                "next",
                Self::any_text(400).or_null(),
                "Hand this back as `after` for the next page; null at the end.",
            ),
        ])
    }

    /// As JSON Schema; named shapes are put aside in `named`.
    pub fn schema(&self, named: &mut Map<String, Value>) -> Value {
        match self {
            Self::Text(like, least, most) => text_schema(*like, *least, *most),
            Self::Number(least, most) => {
                json!({ "type": "integer", "format": "int64", "minimum": least, "maximum": most })
            }
            Self::Flag => json!({ "type": "boolean" }),
            Self::Word(words) => json!({ "type": "string", "enum": words }),
            Self::List(one, most) => json!({ "type": "array", "items": one.schema(named), "maxItems": most }),
            Self::Record(fields) => record_schema(fields, named),
            Self::Named(name, shape) => {
                if !named.contains_key(*name) {
                    let schema = shape.schema(named);
                    named.insert((*name).to_owned(), schema);
                }
                json!({ "$ref": format!("#/components/schemas/{name}") })
            }
            Self::Any => json!({ "type": "object" }),
            Self::OrNull(shape) => json!({ "anyOf": [shape.schema(named), { "type": "null" }] }),
        }
    }

    /// Checks a value. What is wrong names the place and never the value.
    ///
    /// # Errors
    /// A sentence for whoever sent it.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        self.check_at(value, "", 0)
    }

    fn check_at(&self, value: &Value, at: &str, deep: usize) -> Result<(), String> {
        let wrong = |what: &str| {
            let place = if at.is_empty() { "the body" } else { at };
            Err(format!("{place}: {what}"))
        };
        if deep > DEEPEST {
            return wrong("that lies too deep");
        }
        match (self, value) {
            (Self::Text(like, least, most), Value::String(text)) => {
                match wrong_text(*like, *least, *most, text) {
                    Some(what) => wrong(&what),
                    None => Ok(()),
                }
            }
            (Self::Text(..), _) => wrong("a text belongs here"),
            (Self::Number(least, most), value) => match value.as_i64() {
                Some(n) if n >= *least && n <= *most => Ok(()),
                Some(_) => wrong(&format!("a number from {least} to {most} belongs here")),
                None => wrong("a whole number belongs here"),
            },
            (Self::Any, Value::Object(_)) | (Self::Flag, Value::Bool(_)) => Ok(()),
            (Self::Any, _) => wrong("an object belongs here"),
            (Self::Flag, _) => wrong("true or false belongs here"),
            (Self::Word(words), Value::String(text)) if words.contains(&text.as_str()) => Ok(()),
            (Self::Word(words), _) => wrong(&format!("one of these belongs here: {}", words.join(", "))),
            (Self::List(one, most), Value::Array(all)) => {
                if all.len() > *most {
                    return wrong(&format!("at most {most} belong here"));
                }
                let mut all = all.iter().enumerate();
                all.try_for_each(|(n, value)| {
                    one.check_at(value, &format!("{at}/{n}"), deep.saturating_add(1))
                })
            }
            (Self::List(..), _) => wrong("a list belongs here"),
            (Self::Record(fields), Value::Object(map)) => record_check(fields, map, at, deep),
            (Self::Record(_), _) => wrong("an object belongs here"),
            (Self::Named(_, shape), value) => shape.check_at(value, at, deep),
            (Self::OrNull(_), Value::Null) => Ok(()),
            (Self::OrNull(shape), value) => shape.check_at(value, at, deep),
        }
    }

    /// A value of an address, which is always written as text.
    #[must_use]
    pub fn from_text(&self, text: &str) -> Value {
        match self {
            Self::Number(..) => text.parse::<i64>().map_or_else(|_| json!(text), |n| json!(n)),
            Self::Flag if text == "true" || text == "false" => json!(text == "true"),
            _ => json!(text),
        }
    }

    /// In a few words, for a table.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Text(Like::Plain | Like::Key, _, most) => format!("text, up to {most} characters"),
            Self::Text(Like::Day, ..) => "day, such as 2026-05-01".into(),
            Self::Text(Like::Time, ..) => "time, such as 2026-05-01T12:00:00Z".into(),
            Self::Text(Like::Id(prefix), ..) => format!("id, {prefix}_…"),
            Self::Text(Like::Url, ..) => "web address".into(),
            Self::Number(least, most) => format!("whole number, {least} to {most}"),
            Self::Flag => "true or false".into(),
            Self::Word(words) => words.join(" · "),
            Self::List(one, most) => format!("list of up to {most}: {}", one.words()),
            Self::Record(fields) => {
                let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                format!("object: {}", names.join(", "))
            }
            Self::Named(name, _) => (*name).to_owned(),
            Self::OrNull(shape) => format!("{}, or null", shape.words()),
            Self::Any => "object".into(),
        }
    }

    /// The fields of a record, whatever it is called.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::Record(fields) => fields,
            Self::Named(_, shape) | Self::OrNull(shape) => shape.fields(),
            Self::Text(..) | Self::Number(..) | Self::Flag | Self::Word(_) | Self::List(..) | Self::Any => {
                &[]
            }
        }
    }
}

fn text_schema(like: Like, least: usize, most: usize) -> Value {
    match like {
        Like::Plain => json!({ "type": "string", "minLength": least, "maxLength": most }),
        Like::Day => json!({ "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        Like::Time => json!({ "type": "string", "format": "date-time" }),
        Like::Id(prefix) => {
            json!({ "type": "string", "pattern": format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$") })
        }
        Like::Key => json!({ "type": "string", "maxLength": most, "pattern": KEY_PATTERN }),
        Like::Url => {
            json!({ "type": "string", "format": "uri", "maxLength": most, "pattern": "^https?://[!-~]+$" })
        }
    }
}

const KEY_PATTERN: &str = "^[a-z0-9-]+(\\.[a-z0-9-]+)*$";

fn is_key(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.split('.').all(part)
}

fn is_id(prefix: &str, text: &str) -> bool {
    let rest = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_'));
    let letter = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z');
    rest.is_some_and(|rest| {
        rest.len() == 26 && rest.starts_with(|c: char| ('0'..='7').contains(&c)) && rest.bytes().all(letter)
    })
}

/// What is wrong with a text.
fn wrong_text(like: Like, least: usize, most: usize, text: &str) -> Option<String> {
    let long = text.chars().count();
    if long < least || long > most {
        return Some(format!("a text of {least} to {most} characters belongs here"));
    }
    let fits = match like {
        Like::Plain => true,
        Like::Day => text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10,
        Like::Time => text.parse::<jiff::Timestamp>().is_ok(),
        Like::Id(prefix) => is_id(prefix, text),
        Like::Key => is_key(text),
        Like::Url => {
            let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
            rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic()))
        }
    };
    (!fits).then(|| match like {
        Like::Plain => String::new(),
        Like::Day => "a day such as 2026-05-01 belongs here".into(),
        Like::Time => "a time such as 2026-05-01T12:00:00Z belongs here".into(),
        Like::Id(prefix) => format!("an id such as {prefix}_01… belongs here"),
        Like::Key => "a key such as contact.email belongs here".into(),
        Like::Url => "an address that begins with https:// belongs here".into(),
    })
}

fn record_schema(fields: &[Field], named: &mut Map<String, Value>) -> Value {
    let mut all = Map::new();
    for field in fields {
        let schema = field.shape.schema(named);
        // Beside a reference a description is allowed since OpenAPI 3.1.
        let mut schema = if let Value::Object(map) = schema { map } else { Map::new() };
        schema.insert("description".into(), json!(field.sentence));
        all.insert(field.name.to_owned(), Value::Object(schema));
    }
    let needed: Vec<&str> = fields.iter().filter(|field| field.needed).map(|field| field.name).collect();
    let mut out = json!({ "type": "object", "properties": all, "additionalProperties": false });
    if !needed.is_empty() {
        out["required"] = json!(needed);
    }
    out
}

fn record_check(fields: &[Field], map: &Map<String, Value>, at: &str, deep: usize) -> Result<(), String> {
    let place = if at.is_empty() { "the body" } else { at };
    if let Some(name) = map.keys().find(|name| !fields.iter().any(|field| field.name == name.as_str())) {
        let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
        return Err(format!("{place}: there is no field `{name}`"));
    }
    for field in fields {
        match map.get(field.name) {
            Some(value) => {
                field.shape.check_at(value, &format!("{at}/{}", field.name), deep.saturating_add(1))?;
            }
            None if field.needed => return Err(format!("{place}: `{}` is missing", field.name)),
            None => {}
        }
    }
    Ok(())
}

/// The parameters of every list.
#[must_use]
pub fn page_fields() -> Vec<Field> {
    vec![
        may("limit", Shape::Number(1, 200), "How many at most; 50 when left out."),
        may("after", Shape::text(400), "`next` of the page before."),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deal() -> Shape {
        Shape::Record(vec![
            must("title", Shape::text(10), "What it is about."),
            may("close_on", Shape::day().or_null(), "When."),
            may("tags", Shape::Word(vec!["a", "b"]).list(2), "Which."),
        ])
    }

    #[test]
    fn what_is_wrong_names_its_place_and_never_the_value() {
        let fine = json!({ "title": "Ümlaut", "close_on": null, "tags": ["a"] });
        assert_eq!(deal().check(&fine), Ok(()));
        for (bad, place) in [
            (json!([]), "the body"),
            (json!({}), "`title` is missing"),
            (json!({ "title": "" }), "/title"),
            (json!({ "title": "secretsecret" }), "/title"),
            (json!({ "title": 5 }), "/title"),
            (json!({ "title": "a", "close_on": "2026-02-30" }), "/close_on"),
            (json!({ "title": "a", "tags": ["a", "c"] }), "/tags/1"),
            (json!({ "title": "a", "tags": ["a", "a", "a"] }), "/tags"),
            (json!({ "title": "a", "colour": 1 }), "`colour`"),
        ] {
            let said = deal().check(&bad).unwrap_err();
            assert!(said.contains(place) && !said.contains("secret"), "{bad}: {said}");
        }
    }

    #[test]
    fn the_schema_says_the_same() {
        let mut named = Map::new();
        let schema = deal().named("Deal").schema(&mut named);
        assert_eq!(schema["$ref"], "#/components/schemas/Deal");
        let deal = &named["Deal"];
        assert_eq!((&deal["required"], &deal["additionalProperties"]), (&json!(["title"]), &json!(false)));
        assert_eq!(deal["properties"]["title"]["maxLength"], 10);
        assert_eq!(deal["properties"]["title"]["description"], "What it is about.");
    }

    #[test]
    fn ids_and_keys_have_a_form() {
        assert!(Shape::id("per").check(&json!("per_00000000000000000000000000")).is_ok());
        for bad in ["per_", "per_0000000000000000000000000!", "del_00000000000000000000000000"] {
            assert!(Shape::id("per").check(&json!(bad)).is_err(), "{bad}");
        }
        assert!(Shape::key().check(&json!("contact.email")).is_ok());
        for bad in ["Contact", "contact..email", ".", "a b"] {
            assert!(Shape::key().check(&json!(bad)).is_err(), "{bad}");
        }
        assert_eq!(Shape::Number(1, 9).from_text("7"), json!(7));
        assert!(Shape::Number(1, 9).check(&Shape::Number(1, 9).from_text("x")).is_err());
    }
}
