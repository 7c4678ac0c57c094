//! The bar over a list: views, search, rules, columns.

use std::borrow::Cow;

use askama::Template;
use assent_web::fields::Field;
use assent_web::filters;

use super::choice::{self, Choice};
use super::saved::View;
use super::{Column, Kind, Op, Rule, Wanted, Word, own};

/// The bar.
#[derive(Template)]
#[template(path = "lists/bar.html")]
pub struct Bar {
    /// The name of the list, for its views.
    list: Word,
    wanted: Wanted,
    columns: Vec<Column>,
    views: Vec<View>,
    csrf: String,
    /// What there is: `37 deals`.
    total: String,
    /// True when not everything was looked at.
    cut: bool,
    /// Values to choose from: the word that rules have for one, and how it is read.
    known: Vec<(String, String)>,
    /// Whether columns can be chosen: not on a board.
    table: bool,
    /// Whether it has a field to search in: not where the list has one of its own.
    search: bool,
}

impl askama::filters::HtmlSafe for Bar {}

impl Bar {
    /// The bar of a list.
    pub fn new(list: impl Into<Word>, wanted: &Wanted, columns: &[Column], csrf: &str) -> Self {
        Self {
            list: list.into(),
            wanted: wanted.first(),
            columns: columns.to_vec(),
            views: Vec::new(),
            csrf: csrf.to_owned(),
            total: String::new(),
            cut: false,
            known: Vec::new(),
            table: true,
            search: true,
        }
    }
    /// With saved views.
    pub fn views(mut self, views: Vec<View>) -> Self {
        self.views = views;
        self
    }
    /// With a count in words.
    pub fn total(mut self, total: String) -> Self {
        self.total = total;
        self
    }
    /// With how many rows were looked at, of a list that is not read page by page.
    pub fn looked(mut self, read: usize) -> Self {
        self.cut = super::is_cut(read);
        self
    }
    /// With values to choose from.
    pub fn known(self, known: impl Iterator<Item = String>) -> Self {
        self.offers(known.map(|one| (one.clone(), one)))
    }
    /// With what can be chosen in these fields.
    pub fn fields(self, fields: &[Field]) -> Self {
        self.offers(own::choices(fields).into_iter())
    }
    fn offers(mut self, more: impl Iterator<Item = (String, String)>) -> Self {
        self.known.extend(more);
        self.known.sort();
        self.known.dedup();
        self
    }
    /// For a board, which has no columns to choose.
    pub fn board(mut self, board: bool) -> Self {
        self.table = !board;
        self
    }

    /// For a list that has a field of its own to search in.
    pub fn without_search(mut self) -> Self {
        self.search = false;
        self
    }

    fn ops(&self) -> [Op; 7] {
        Op::ALL
    }
    fn rule_off(&self, rule: &Rule) -> String {
        self.wanted.without(rule).href()
    }
    fn joined_otherwise(&self) -> String {
        Wanted { any: !self.wanted.any, ..self.wanted.clone() }.href()
    }
    fn cleared(&self) -> String {
        Wanted { q: String::new(), rules: Vec::new(), any: false, ..self.wanted.clone() }.href()
    }
    fn view_href(&self, view: &View) -> String {
        format!("{}?{}", self.wanted.path, view.query)
    }
    /// What a view is called.
    fn name<'a>(&self, view: &'a View) -> Cow<'a, str> {
        let after = super::shared::called(&view.query, &self.columns).filter(|_| view.shared);
        after.map_or(Cow::Borrowed(view.name.as_str()), Cow::Owned)
    }
    fn is_open(&self, view: &View) -> bool {
        view.query == self.wanted.query()
    }
    fn open_view(&self) -> Option<&View> {
        self.views.iter().find(|view| self.is_open(view))
    }
    fn has_own(&self) -> bool {
        self.views.iter().any(|view| view.mine)
    }
    /// What the search form carries along.
    fn beside_search(&self) -> Vec<(&'static str, String)> {
        self.all_but("q")
    }
    /// What the form for a rule carries along.
    fn beside_rule(&self) -> Vec<(&'static str, String)> {
        self.all_but("")
    }
    /// What the form for columns carries along.
    fn beside_columns(&self) -> Vec<(&'static str, String)> {
        self.all_but("col")
    }
    /// Every column that can be chosen: those that are shown first, in their order.
    fn choices(&self) -> Vec<Choice<'_>> {
        choice::choices(&self.wanted.columns, &self.columns)
    }
    fn all_but(&self, left_out: &str) -> Vec<(&'static str, String)> {
        self.wanted.pairs().into_iter().filter(|(name, _)| *name != left_out).collect()
    }
    fn has_days(&self) -> bool {
        self.columns.iter().any(|column| column.kind == Kind::Day)
    }
}
