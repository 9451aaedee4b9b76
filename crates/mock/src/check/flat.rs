//! Names with dots, put back into the tree they came from.

/// What is known under a name: a text, further steps, or wrongly both.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) text: Option<String>,
    pub(super) branches: Vec<(String, Tree)>,
}

impl Tree {
    /// Adds a value; `false` when there is one already.
    pub(super) fn insert(&mut self, steps: &[String], text: &str) -> bool {
        let Some((step, steps)) = steps.split_first() else {
            return self.text.replace(text.to_owned()).is_none();
        };
        if let Some((_, branch)) = self.branches.iter_mut().find(|(name, _)| name == step) {
            return branch.insert(steps, text);
        }
        let mut branch = Tree::default();
        branch.insert(steps, text);
        self.branches.push((step.clone(), branch));
        true
    }

    /// The elements of a list in their order; says what is wrong with their numbers.
    pub(super) fn elements(&self) -> (Vec<&Tree>, Option<String>) {
        let mut fault = None;
        let mut numbered: Vec<(usize, &Tree)> = Vec::with_capacity(self.branches.len());
        for (name, branch) in &self.branches {
            match name.parse::<usize>() {
                Ok(number) if number > 0 && name == &number.to_string() => numbered.push((number, branch)),
                _ => fault = Some(format!("elements are numbered from 1, not `{name}`")),
            }
        }
        numbered.sort_by_key(|(number, _)| *number);
        let gap = numbered.iter().zip(1..).find(|((number, _), due)| number != due);
        if let Some((_, due)) = gap.filter(|_| fault.is_none()) {
            fault = Some(format!("element {due} is left out"));
        }
        (numbered.into_iter().map(|(_, branch)| branch).collect(), fault)
    }
}
