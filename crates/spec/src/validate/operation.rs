//! Operations.

use super::{Checker, hint, path::Template, repeated};
use crate::{ErrorCode, Kind, Operation, Pagination, Place, Response, Shape, Style};

impl<'a> Checker<'a> {
    pub(super) fn operation(&mut self, name: &str, operation: &'a Operation) {
        self.identifier(name);
        if let Some(reason) = &operation.skip {
            // No code is generated for it, so that what is known of it may be incomplete.
            return self.wrong("skip", reason.trim().is_empty(), "must say why no code is generated");
        }
        let methods = std::iter::once(operation.method).chain(operation.also.iter().copied());
        self.wrong("also", !repeated(methods).is_empty(), "names a method twice");
        self.path(operation);
        self.wrong("timeout", operation.timeout == Some(0), "must be at least one second");
        self.other("replacement", name, operation.replacement.as_ref());
        self.other("completion", name, operation.completion.as_ref());
        self.each("parameters", &operation.parameters, Self::parameter);
        self.duplicate_parameters(&operation.parameters);
        self.body(&operation.parameters);
        self.at("response", |this| this.response(&operation.response));
        self.errors(&operation.errors);
        if let Some(pagination) = &operation.pagination {
            self.at("pagination", |this| this.pagination(operation, pagination));
        }
    }

    fn path(&mut self, operation: &'a Operation) {
        let of_path = |shape: &&Shape| shape.place == Some(Place::Path);
        let path = match (self.style(operation), &operation.path) {
            (Style::Rpc, path) => {
                self.wrong("path", path.is_some(), "an RPC operation has no path, it is always at `/`");
                for parameter in operation.parameters.iter().filter(of_path) {
                    self.say(format!("parameter {}: an RPC operation has no path parameters", parameter.name));
                }
                return;
            }
            (Style::Roa, None) => return self.say("a ROA operation needs a `path`"),
            (Style::Roa, Some(path)) => path,
        };
        let template = match Template::parse(path) {
            Ok(template) => template,
            Err(message) => return self.at("path", |this| this.say(message)),
        };
        let parameters: Vec<&String> = operation.parameters.iter().filter(of_path).map(|shape| &shape.name).collect();
        for name in &template.placeholders {
            if !parameters.contains(&name) {
                let message =
                    format!("placeholder `{{{name}}}` has no path parameter{}", hint(name, parameters.clone()));
                self.at("path", |this| this.say(message));
            }
        }
        for (index, parameter) in operation.parameters.iter().enumerate() {
            if of_path(&parameter) && !template.placeholders.contains(&parameter.name) {
                let message =
                    format!("has no placeholder in the path `{path}`{}", hint(&parameter.name, &template.placeholders));
                self.at("parameters", |this| this.at(index, |this| this.say(message)));
            }
        }
    }

    /// Another operation that is meant: one of this spec, or `Product::Version::Operation` elsewhere.
    fn other(&mut self, key: &str, name: &str, other: Option<&'a String>) {
        let Some(other) = other else { return };
        if other.contains("::") {
            let parts: Vec<&str> = other.split("::").collect();
            let wrong = parts.len() != 3 || parts.iter().any(|part| part.is_empty());
            return self.wrong(key, wrong, "an operation elsewhere is `Product::Version::Operation`");
        }
        self.wrong(key, other == name, "names the operation itself");
        if !self.spec.operations.contains_key(other) {
            let message = format!("there is no operation `{other}`{}", hint(other, self.spec.operations.keys()));
            self.wrong(key, true, message);
        }
    }

    /// The same name in different places is legal: path and body of one operation may both have it.
    fn duplicate_parameters(&mut self, parameters: &'a [Shape]) {
        for index in repeated(parameters.iter().map(|shape| (&shape.name, shape.place))) {
            self.at("parameters", |this| {
                this.at(index, |this| this.say("there is another parameter of that name and place"))
            });
        }
    }

    /// A request has one body: members of an object, a form, or one value that is all of it.
    fn body(&mut self, parameters: &'a [Shape]) {
        let has = |place| parameters.iter().filter(|shape| shape.place == Some(place)).count();
        let (body, form, payload) = (has(Place::Body), has(Place::Form), has(Place::Payload));
        if payload > 1 {
            self.say("more than one parameter is `in` `payload`");
        }
        for (others, name) in [(body, "body"), (form, "form")] {
            if payload > 0 && others > 0 {
                self.say(format!("parameters are `in` `payload` and `in` `{name}`; a request has one body"));
            }
        }
        if body > 0 && form > 0 {
            self.say("parameters are `in` `body` and `in` `form`; a request has one body");
        }
    }

    fn response(&mut self, response: &'a Response) {
        self.wrong("status", !repeated(&response.status).is_empty(), "names a status twice");
        for status in response.status.iter().filter(|status| !(100..600).contains(*status)) {
            self.wrong("status", true, format!("{status} is not an HTTP status"));
        }
        self.each("fields", &response.fields, Self::response_field);
        self.duplicate_fields("fields", &response.fields);
        let payload = response.fields.iter().filter(|field| field.place == Some(Place::Payload)).count();
        let members = response.fields.iter().any(|field| field.place.is_none());
        if payload > 1 {
            self.say("more than one response field is `in` `payload`");
        }
        if payload > 0 && members {
            self.say("a response field is `in` `payload`, so that there are no members beside it");
        }
    }

    fn errors(&mut self, errors: &'a [ErrorCode]) {
        self.each("errors", errors, |this, error| {
            this.wrong("code", error.code.trim().is_empty(), "must not be empty");
            if let Some(status) = error.status {
                this.wrong("status", !(100..600).contains(&status), format!("{status} is not an HTTP status"));
            }
        });
        for index in repeated(errors.iter().map(|error| (error.status, &error.code))) {
            self.at("errors", |this| this.at(index, |this| this.say("is documented twice for that status")));
        }
    }

    fn pagination(&mut self, operation: &'a Operation, pagination: &'a Pagination) {
        if pagination.none {
            let alone = *pagination == Pagination { none: true, ..Pagination::default() };
            return self.wrong("none", !alone, "nothing else may be set beside it");
        }
        // What is left out follows from the rule.
        let Pagination { none: _, page, size, offset, token, next, more, total, items, first: _, ask: _, scroll: _ } =
            pagination;
        if *pagination == Pagination::default() {
            self.say("says nothing; leave it out, or set `none`");
        }
        for (key, path) in [("page", page), ("size", size), ("offset", offset), ("token", token)] {
            let Some(path) = path else { continue };
            if let Err(message) = self.resolve(&operation.parameters, path) {
                self.wrong(key, true, format!("the request has no {message}"));
            }
        }
        for (key, path) in [("next", next), ("more", more), ("total", total), ("items", items)] {
            let Some(path) = path.as_ref().filter(|path| key != "items" || !path.is_empty()) else { continue };
            match self.resolve(&operation.response.fields, path) {
                Err(message) => self.wrong(key, true, format!("the response has no {message}")),
                Ok(shape) => {
                    let kind = self.target(shape).and_then(|shape| shape.kind);
                    let items = key == "items" && !matches!(kind, Some(Kind::List | Kind::Map | Kind::Any));
                    self.wrong(key, items, format!("`{path}` is not a list"));
                }
            }
        }
    }
}
