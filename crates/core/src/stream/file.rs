//! Parameters that say where a file is, for files that are somewhere else still.

use crate::{
    Document,
    error::InvalidInput,
    model::{Model, View},
};

/// A parameter that takes the URL of a file.
#[derive(Clone, Debug)]
pub(crate) struct FileParameter {
    pub(crate) name: &'static str,
    /// It is a member of an element of the list that the parameter is.
    pub(crate) member: Option<(usize, &'static str)>,
}

impl FileParameter {
    /// Sets the parameter.
    pub(crate) fn set(&self, request: &mut dyn Model, url: String) -> Result<(), InvalidInput> {
        let invalid = |message: String| InvalidInput { parameter: self.name.to_owned(), message };
        let Some(index) = request.schema().fields.iter().position(|field| field.name == self.name) else {
            return Err(invalid("is no parameter of the operation".to_owned()));
        };
        let value = match self.member {
            None => Document::String(url),
            Some((at, member)) => {
                let mut elements = match request.field(index).to_document(View::Wire) {
                    Some(Document::List(elements)) => elements,
                    _ => Vec::new(),
                };
                if at == elements.len() {
                    elements.push(Document::Object(Default::default()));
                }
                match elements.get_mut(at) {
                    Some(Document::Object(members)) => members.insert(member.to_owned(), Document::String(url)),
                    _ => return Err(invalid(format!("has no element {at} to put a file into"))),
                };
                Document::List(elements)
            }
        };
        request.field_mut(index).set(value).map_err(|error| invalid(error.to_string()))
    }
}
