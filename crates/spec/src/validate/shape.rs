//! Shapes: parameters, fields, elements, shared types.

use super::{Checker, hint, repeated};
use crate::{Kind, Place, Shape};

impl<'a> Checker<'a> {
    pub(super) fn parameter(&mut self, shape: &'a Shape) {
        self.named(shape);
        self.shape(shape);
        let Some(place) = shape.place else { return self.say("a parameter needs `in`") };
        let kind = self.target(shape).and_then(|target| target.kind);
        let scalar = !matches!(kind, Some(Kind::Object | Kind::List | Kind::Map | Kind::Any | Kind::Binary) | None);
        let complex = matches!(kind, Some(Kind::Object | Kind::List | Kind::Map));
        match place {
            Place::Path | Place::Host => {
                self.wrong("required", !shape.required, "a path or host parameter is always required");
                self.wrong("type", complex, "a path or host parameter is a single value");
            }
            Place::Query | Place::Form if complex && shape.style.is_none() => {
                self.say("a list, object or map in a query or form needs a `style`");
            }
            _ => {}
        }
        self.wrong("style", scalar && shape.style.is_some(), "only a list, object or map has a style");
        self.binary(shape, place == Place::Payload);
    }

    pub(super) fn response_field(&mut self, shape: &'a Shape) {
        self.named(shape);
        self.shape(shape);
        self.no_style(shape);
        let wrong = !matches!(shape.place, None | Some(Place::Header | Place::Payload));
        self.wrong("in", wrong, "a response field is a member of the body, `in` `header`, or `in` `payload`");
        self.binary(shape, shape.place == Some(Place::Payload));
    }

    /// A shared type.
    pub(super) fn shared(&mut self, name: &str, shape: &'a Shape) {
        self.identifier(name);
        self.unnamed(shape);
        self.no_place(shape);
        self.shape(shape);
        if shape.reference.as_ref().is_some_and(|name| self.spec.types.contains_key(name))
            && self.target(shape).is_none()
        {
            self.at("ref", |this| this.say("the type refers to itself and to nothing else"));
        }
    }

    fn field(&mut self, shape: &'a Shape) {
        self.named(shape);
        self.nested(shape);
    }

    fn element(&mut self, shape: &'a Shape) {
        self.unnamed(shape);
        self.nested(shape);
    }

    fn nested(&mut self, shape: &'a Shape) {
        self.shape(shape);
        self.no_place(shape);
        self.binary(shape, false);
    }

    fn named(&mut self, shape: &'a Shape) {
        let wrong = shape.name.trim().is_empty() || shape.name.contains(char::is_control);
        self.wrong("name", wrong, "a parameter or field needs a name");
    }

    fn unnamed(&mut self, shape: &'a Shape) {
        self.wrong("name", !shape.name.is_empty(), "only parameters and fields have a name");
        self.wrong("required", shape.required, "only parameters and fields can be required");
    }

    fn no_place(&mut self, shape: &'a Shape) {
        self.wrong("in", shape.place.is_some(), "only parameters and fields of a response say where they travel");
        self.no_style(shape);
    }

    fn no_style(&mut self, shape: &'a Shape) {
        self.wrong("style", shape.style.is_some(), "only parameters have a style");
    }

    /// Bytes are a body; inside anything else they would need an encoding that nobody documents.
    fn binary(&mut self, shape: &'a Shape, payload: bool) {
        let binary = self.target(shape).is_some_and(|target| target.kind == Some(Kind::Binary));
        self.wrong("type", binary && !payload, "`binary` is a whole body, which is `in` `payload`");
    }

    pub(super) fn duplicate_fields(&mut self, key: &str, fields: &'a [Shape]) {
        for index in repeated(fields.iter().map(|field| (&field.name, field.place))) {
            self.at(key, |this| this.at(index, |this| this.say("there is another field of that name")));
        }
    }

    /// What holds for every shape.
    fn shape(&mut self, shape: &'a Shape) {
        match (&shape.reference, shape.kind) {
            (None, None) => self.say("needs `type` or `ref`"),
            (Some(_), Some(_)) => self.say("has both `type` and `ref`"),
            (Some(name), None) if !self.spec.types.contains_key(name) => {
                let message = format!("there is no type `{name}`{}", hint(name, self.spec.types.keys()));
                self.at("ref", |this| this.say(message));
            }
            _ => {}
        }
        let is = |kind| shape.kind == Some(kind);
        let (list, map, object) = (is(Kind::List), is(Kind::Map), is(Kind::Object));
        let number = is(Kind::Int32) || is(Kind::Int64) || is(Kind::Float) || is(Kind::Double);
        if (list || map) && shape.of.is_none() {
            self.say("a list or map needs `of`");
        }
        self.wrong("of", shape.of.is_some() && !list && !map, "only a list or map has `of`");
        self.wrong("tag", shape.tag == Some(0), "the fields of a protocol buffer count from 1");
        self.wrong("wrapper", shape.wrapper.is_some() && !list, "only a list has a wrapper");
        self.wrong("wrapper", shape.wrapper.as_deref() == Some(""), "must not be empty");
        self.wrong("fields", !shape.fields.is_empty() && !object, "only an object has fields");
        if object && shape.fields.is_empty() {
            self.say("an object needs `fields`; without them it is of the type `any`");
        }
        self.values(shape);
        self.wrong("minimum", shape.minimum.is_some() && !number, "only a number has a minimum");
        self.wrong("maximum", shape.maximum.is_some() && !number, "only a number has a maximum");
        let limit = |number: &Option<serde_json::Number>| number.as_ref().and_then(serde_json::Number::as_f64);
        self.range("maximum", limit(&shape.minimum), limit(&shape.maximum));
        let text = is(Kind::String);
        for (key, given) in [
            ("minLength", shape.min_length.is_some()),
            ("maxLength", shape.max_length.is_some()),
            ("pattern", shape.pattern.is_some()),
        ] {
            self.wrong(key, given && !text, format!("only a string has `{key}`"));
        }
        self.range("maxLength", shape.min_length, shape.max_length);
        for (key, given) in [("minItems", shape.min_items.is_some()), ("maxItems", shape.max_items.is_some())] {
            self.wrong(key, given && !list, format!("only a list has `{key}`"));
        }
        self.range("maxItems", shape.min_items, shape.max_items);
        self.each("fields", &shape.fields, Self::field);
        self.duplicate_fields("fields", &shape.fields);
        if let Some(element) = &shape.of {
            self.at("of", |this| this.element(element));
        }
    }

    fn values(&mut self, shape: &'a Shape) {
        let Some(values) = &shape.values else { return };
        let wrong = !matches!(
            shape.kind,
            Some(Kind::String | Kind::Int32 | Kind::Int64 | Kind::Float | Kind::Double | Kind::Boolean)
        );
        self.wrong("enum", wrong, "only a single value has documented values; for a list they belong into `of`");
        self.wrong("enum", values.is_empty(), "names no value; leave it out");
        for index in repeated(values.iter().map(crate::EnumValue::value)) {
            self.at("enum", |this| this.at(index, |this| this.say("occurs twice")));
        }
    }

    fn range<T: PartialOrd>(&mut self, key: &str, least: Option<T>, most: Option<T>) {
        let wrong = least.zip(most).is_some_and(|(least, most)| least > most);
        self.wrong(key, wrong, "is less than its counterpart");
    }
}
