use super::*;

fn policy() -> Policy {
    assent_testkit::policy(assent_kernel::CompanyId::from_bytes([1; 16]), assent_testkit::START).unwrap()
}

fn beside<'a>(of: &'a Of, there: &'a [Field], taken: &'a [CategoryKey]) -> Beside<'a> {
    Beside { of, there, taken }
}

fn form(name: &str, category: &str, kind: &str, choices: &str) -> Form {
    Form {
        label: "Brush model".into(),
        name: name.into(),
        kind: kind.into(),
        category: category.into(),
        choices: choices.into(),
        ..Form::default()
    }
}

#[test]
fn a_field_of_people_is_a_category_below_another() {
    let made = form("", "purchase.product", "one-of", "Clean 2\nClean Pro");
    let field = made.made(beside(&Of::people(), &[], &[]), &policy()).unwrap();
    assert_eq!((field.name.as_str(), field.choices.len(), field.place), ("brush-model", 2, 1));
    let below = category(&policy(), &Of::people(), &field).unwrap();
    let above = policy().categories[&CategoryKey::new("purchase.product").unwrap()].clone();
    assert_eq!(below.key.as_str(), "purchase.product.brush-model");
    assert_eq!(
        (below.class, below.retention, below.label.as_str()),
        (above.class, above.retention, "Brush model")
    );
}

#[test]
fn what_is_wrong_stands_beside_its_field() {
    let of = Of::people();
    let there = [form("taken", "interest", "text", "").made(beside(&of, &[], &[]), &policy()).unwrap()];
    let taken = [there[0].category.clone().unwrap()];
    for (form, field) in [
        (form("taken", "interest", "text", ""), "name"),
        (form("Not A Name", "interest", "text", ""), "name"),
        (form(&"x".repeat(25), "interest", "text", ""), "name"),
        (form("given", "name", "text", ""), "category"),
        (form("a", "contact.email", "text", ""), "category"),
        (form("a", "interest.taken", "text", ""), "category"),
        (form("a", "no.such", "text", ""), "category"),
        (form("a", "", "text", ""), "category"),
        (form("a", "interest", "", ""), "kind"),
        (form("a", "interest", "one-of", " \n"), "choices"),
        (form("a", "interest", "one-of", "A\na"), "choices"),
        (form("a", "interest", "several-of", "A; B"), "choices"),
        (form("handle", "social", "text", ""), "name"),
        (Form { label: " ".into(), ..form("a", "interest", "text", "") }, "label"),
    ] {
        let errors = form.made(beside(&of, &there, &taken), &policy()).unwrap_err();
        assert!(!errors.at(field).is_empty(), "{form:?}: {errors:?}");
    }
    assert!(form("taken", "", "text", "").made(beside(&Of::organisations(), &[], &[]), &policy()).is_ok());
}

#[test]
fn things_may_have_fields_of_one_name_and_people_have_no_other_of_that_category() {
    let object = |belongs| Object {
        key: "device".into(),
        singular: "Device".into(),
        plural: "Devices".into(),
        singulars: assent_kernel::Also::default(),
        plurals: assent_kernel::Also::default(),
        belongs,
        place: 1,
        gone_at: None,
    };
    let of = Of::object(&object(Belongs::Person));
    let typed = form("model", "purchase.product", "text", "");
    let field = typed.made(beside(&of, &[], &[]), &policy()).unwrap();
    let below = category(&policy(), &of, &field).unwrap();
    assert_eq!(
        (below.key.as_str(), below.label.as_str()),
        ("purchase.product.device-model", "Device: Brush model")
    );
    let taken = [below.key];
    for category in ["identifier", "identifier.device", "work.employer", "work.title", "personal.language"] {
        let typed = form("serial", category, "text", "");
        for (of, may) in [(&of, false), (&Of::deals(), false), (&Of::tasks(), false), (&Of::people(), true)] {
            let made = typed.made(beside(of, &[], &[]), &policy());
            assert_eq!(made.is_ok(), may, "{category} of {of:?}");
            let said = made.err().map(|errors| errors.at("category")).unwrap_or_default();
            assert_eq!(said.contains("Make a field of people of it"), !may, "{said}");
        }
    }
    let twin = form("device-model", "purchase.product", "text", "");
    let errors = twin.made(beside(&Of::people(), &[], &taken), &policy()).unwrap_err();
    assert!(!errors.at("name").is_empty());
    let nobody = Of::object(&object(Belongs::Nobody));
    assert_eq!(typed.made(beside(&nobody, &[], &[]), &policy()).unwrap().category, None);
}
