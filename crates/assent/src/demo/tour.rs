//! Who to sign in as, whom to visit, what to look at.

use assent_gate::Gate;
use assent_kernel::{PersonId, Timestamp};
use assent_web::text;

use super::cast::next_first_of_may;
use super::history::Tally;
use super::law::{HALDEN, House, MEADOW};
use super::world::World;

/// The password of everybody who works in the demo world.
pub(crate) const PASSWORD: &str = "demo-demo-demo";

/// The end of the building of the demo world: what to look at.
#[derive(Debug)]
pub struct Tour {
    /// The password of all demo staff.
    pub(crate) password: &'static str,
    /// Staff, one line each.
    pub(crate) staff: Vec<Login>,
    /// People worth a visit.
    pub(crate) persons: Vec<Visit>,
    /// What to try, in order.
    pub(crate) lines: Vec<String>,
    /// What was asked while the world was built, and how often the answer was yes; empty when it stood already.
    pub(crate) tally: Tally,
}

/// A member of staff.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) company: &'static str,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) role: String,
}

/// A person worth a visit.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) company: &'static str,
    /// `None` when they can no longer be found by their address: they were erased.
    pub(crate) id: Option<PersonId>,
    pub(crate) name: String,
    pub(crate) email: &'static str,
    /// What to look at.
    pub(crate) look_at: String,
}

/// Somebody of the tour, as the world is told to make them.
pub(crate) struct Named {
    pub(crate) key: &'static str,
    pub(crate) given: &'static str,
    pub(crate) family: &'static str,
    pub(crate) email: &'static str,
    pub(crate) region: &'static str,
    pub(crate) mixture: &'static str,
    pub(crate) look_at: &'static str,
}

macro_rules! named {
    ($($key:literal: $given:literal $family:literal, $email:literal, $region:literal, $mixture:literal, $look:literal;)*) => {
        /// Everybody of the tour.
        pub(crate) const NAMED: &[Named] = &[$(Named {
            key: $key, given: $given, family: $family, email: $email, region: $region, mixture: $mixture, look_at: $look,
        },)*];
    };
}

named! {
    "ito": "Yui" "Ito", "yui.ito@example.org", "eu.de", "contract-only",
        "Allows support until {may}, but nobody asked her about sales: open her as support, then as sales.";
    "eu-only": "Sören" "Lüders", "soeren.lueders@example.org", "eu.de", "newsletter-eu",
        "Wants the newsletter, but in the EU only: refused, because NightDesk is reached from the US.";
    "withdrew": "Élodie" "Moreau", "elodie.moreau@example.org", "eu.fr", "withdrawn",
        "Took the newsletter back two weeks ago; her contract does not bring it back.";
    "outdated": "Pádraig" "Nolan", "padraig.nolan@example.org", "eu.ie", "outdated",
        "Said yes to an older newsletter text, before NightDesk; the portal asks him again.";
    "restricts": "Małgorzata" "Dąbrowska", "malgorzata.dabrowska@example.org", "eu.pl", "newsletter-any",
        "Asked to keep everything and do nothing with it, while an invoice is checked.";
    "minor": "Emre" "Şahin", "emre.sahin@example.org", "eu.de", "brush-own-eyes",
        "Is 13: his own yes to brushing data does not count until a guardian says yes.";
    "erased": "Heike" "Oppermann", "heike.oppermann@example.org", "eu.de", "contract-only",
        "Was erased; only her invoices stay, for tax law, readable for bookkeeping and nobody else.";
    "dentist": "Aoife" "Byrne", "aoife.byrne@example.org", "eu.ie", "dentist",
        "Shows Dr. Okafor how she brushes; SureWell asked for the same and got nothing.";
    "fridge": "Çağrı" "Kılıç", "cagri.kilic@example.org", "eu.de", "fridge",
        "His fridge called for help and Fixwerk got exactly what a repair needs.";
    "friend": "Lempi" "Hämäläinen", "lempi.hamalainen@example.org", "eu.fi", "friend",
        "Allows news, sales, offers and recommendations: the opposite of most.";
    "opted-out": "Darnell" "Washington", "darnell.washington@example.org", "us.or", "listed",
        "Lives in Oregon and opted out of sale and sharing: his listing goes nowhere.";
    "county": "Brooke" "Carter", "brooke.carter@example.org", "us.va", "contract-only",
        "Works for Harwood County, whose contract says US only, every tier: closed in Lübeck, open to Prairie Parcel.";
    "refused": "Kwame" "Mensah", "kwame.mensah@example.org", "eu.nl", "refused",
        "Was asked for newsletter and offers and said no.";
    "imported": "Tereza" "Dvořáková", "tereza.dvorakova@example.org", "eu.cz", "quarantine",
        "Came by an import without any terms: initials only, until she is asked.";
    "rtl": "ليلى" "منصور", "layla.mansour@example.org", "eu.de", "newsletter-any",
        "Her name reads from right to left, and is found by its first letters.";
}

impl Tour {
    /// The tour of a world that stands.
    pub(crate) async fn of(
        gate: &Gate,
        world: &World,
        houses: &[House],
        at: Timestamp,
    ) -> anyhow::Result<Self> {
        let code = |slug: &str| if slug == MEADOW.0 { MEADOW.1 } else { HALDEN.1 };
        let staff = world.staff.iter().map(|row| Login {
            company: code(&row.company),
            name: row.name.clone(),
            email: row.mail.clone(),
            role: row.role.clone(),
        });
        let staff = staff.collect();
        let may = text::date(next_first_of_may(at).micros());
        let mut persons = Vec::with_capacity(NAMED.len());
        let companies = gate.companies().await?;
        for house in houses.iter().filter(|house| house.code == HALDEN.1) {
            let Some(company) = companies.iter().find(|one| one.code == house.code) else { continue };
            for one in NAMED {
                persons.push(Visit {
                    company: house.code,
                    id: gate.find_email(company.id, one.email).await?.first().copied(),
                    name: format!("{} {}", one.given, one.family),
                    email: one.email,
                    look_at: one.look_at.replace("{may}", &may),
                });
            }
        }
        Ok(Self { password: PASSWORD, staff, persons, lines: lines(), tally: Tally::new() })
    }

    /// The tour as it is printed.
    pub fn told(&self, base_url: &str) -> String {
        let mut out =
            String::from("\nThe demo world: Halden Home and Meadow Dental Group. Everything is invented.\n");
        out.push_str(&format!("\nStaff sign in at {base_url}/sign-in with the password {}\n", self.password));
        let best = [
            "siobhan.keane",
            "tomas.lindqvist",
            "chiara.fontana",
            "gudrun.ebert",
            "ngozi.adeyemi",
            "ingrid.moen",
        ];
        let worth = |one: &&Login| {
            best.iter().any(|slug| one.email.starts_with(slug)) || one.email.starts_with("fionn")
        };
        for one in self.staff.iter().filter(worth) {
            out.push_str(&format!("  {:<10} {:<34} {} ({})\n", one.role, one.email, one.name, one.company));
        }
        out.push_str(&format!(
            "\nPeople worth a visit. They sign in at {base_url}/my/{} with their address; the link lies in {base_url}/outbox\n",
            HALDEN.1
        ));
        for one in &self.persons {
            out.push_str(&format!("  {:<22} {:<36} {}\n", one.name, one.email, one.look_at));
            if let Some(id) = one.id {
                out.push_str(&format!("  {:<22} {base_url}/people/{id} ({})\n", "", one.company));
            }
        }
        out.push_str("\nWhat to look at\n");
        for (n, line) in self.lines.iter().enumerate() {
            out.push_str(&format!("  {}. {line}\n", n + 1));
        }
        out
    }
}

fn lines() -> Vec<String> {
    [
        "As support (siobhan.keane), open Yui Ito: her details are there for as long as her contract runs.",
        "As sales (tomas.lindqvist), open her again: closed, with one sentence why and what would open it.",
        "As sales, open Deals as a board: drag a card, and see which titles are closed because only support may see them.",
        "As support, choose the column “Brush model” in the list of people: a field that Halden made, decided like any other value.",
        "As marketing (chiara.fontana), open the Dashboard (G then H) and follow a number; change “Working for” and see it move.",
        "As marketing (chiara.fontana), list everybody for the newsletter and read why most are left out.",
        "Sign in at /my/halden as Sören Lüders and read who used what: his newsletter was refused, because of NightDesk.",
        "Sign in at /my/halden as Aoife Byrne: see who used what, take a receipt, change your mind in one click.",
        "As billing (gudrun.ebert), open Heike Oppermann by the link above: her invoices are all that is left, and until when.",
        "As support, open Çağrı Kılıç › Files: a report and a picture, sealed like his other facts; he downloads them on his page.",
        "As support, open People › Deleted: one customer can be brought back for thirty days, then they are erased.",
        "As the officer, open Emergencies: why Siobhan opened Tereza Dvořáková's details; Tereza reads the same at /my/halden.",
        "As the data protection officer (ngozi.adeyemi), read the ledger; export it and check it with `assent verify`.",
        "Import crates/assent/demo/contacts-export.csv of the sources: 60 rows, most without terms, and see what quarantine shows.",
    ]
    .map(String::from)
    .to_vec()
}
