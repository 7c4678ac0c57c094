//! The page's own sentences, in English and German side by side: a sentence cannot be there in one language only.

use assent_kernel::Timestamp;
use assent_web::catalogue::Lang;
use assent_web::text;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    /// True for German.
    pub(super) german: bool,
}

impl Text {
    /// The sentences in a language: `de`, or else English.
    pub(super) fn of(lang: &str) -> Self {
        Self { german: lang == "de" }
    }
    /// Two letters.
    pub(super) const fn lang(self) -> &'static str {
        if self.german { "de" } else { "en" }
    }
    /// The same for the names that the program ships.
    pub(super) const fn desk(self) -> Lang {
        if self.german { Lang::German } else { Lang::English }
    }
    /// One of two.
    pub(super) const fn pick<'a>(self, en: &'a str, de: &'a str) -> &'a str {
        if self.german { de } else { en }
    }
    /// `1 May 2027`, `1. Mai 2027`.
    pub(super) fn date(self, at: Timestamp) -> String {
        if self.german { text::date_de(at.micros()) } else { text::date_en(at.micros()) }
    }
    /// `1 May 2027, 14:05 UTC`.
    pub(super) fn date_time(self, at: Timestamp) -> String {
        let english = text::date_time(at.micros());
        let clock = english.rsplit_once(", ").map_or("", |(_, clock)| clock);
        format!("{}, {clock} UTC", self.date(at))
    }
    /// "a, b and c".
    pub(super) fn list(self, items: &[String]) -> String {
        match items {
            [] => self.nothing().to_owned(),
            [one] => one.clone(),
            [most @ .., last] => format!("{} {} {last}", most.join(", "), self.pick("and", "und")),
        }
    }
}

macro_rules! texts {
    ($($name:ident = $en:literal, $de:literal;)*) => {
        impl Text { $(pub(super) const fn $name(self) -> &'static str { self.pick($en, $de) })* }
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$(($en, $de),)*];
    };
}

texts! {
    nothing = "nothing", "nichts";
    foot = "Each use of what is known about you is written down here. You can see it, limit it and end it.", "Jede Nutzung dessen, was über Sie bekannt ist, wird hier aufgeschrieben. Sie können sie sehen, begrenzen und beenden.";
    nav_overview = "Overview", "Überblick";
    nav_requests = "Requests", "Anfragen";
    nav_terms = "Terms", "Zusagen";
    nav_uses = "Uses", "Nutzung";
    nav_export = "Export", "Mitnehmen";
    nav_erase = "Erase", "Löschen";
    back = "Back to the overview", "Zurück zum Überblick";

    my_title = "Your data, your terms", "Ihre Daten, Ihre Regeln";
    my_lead = "See what is known about you, who used it and why. Change your mind in one click.", "Sehen Sie, was über Sie bekannt ist, wer es genutzt hat und wozu. Ändern Sie Ihre Meinung mit einem Klick.";
    my_choose = "Which company is it about?", "Um welches Unternehmen geht es?";
    my_none = "No company is set up here yet.", "Hier ist noch kein Unternehmen eingerichtet.";
    ask_lead = "Type your e-mail address. We send you a link; with it you get in, without a password.", "Geben Sie Ihre E-Mail-Adresse ein. Wir schicken Ihnen einen Link; damit kommen Sie hinein, ohne Passwort.";
    email = "Your e-mail address", "Ihre E-Mail-Adresse";
    send_link = "Send me the link", "Link schicken";
    bad_email = "That is not a whole e-mail address. It looks like name@example.org.", "Das ist keine vollständige E-Mail-Adresse. Sie sieht aus wie name@example.org.";
    sent_title = "Look into your mail", "Sehen Sie in Ihre E-Mail";
    sent_text = "If this address is known here, a link is on its way. It works once, for 30 minutes. If nothing comes in ten minutes, try again or another address of yours.", "Wenn diese Adresse hier bekannt ist, ist ein Link unterwegs. Er gilt einmal, 30 Minuten lang. Kommt in zehn Minuten nichts, versuchen Sie es noch einmal oder mit einer anderen Adresse.";
    sent_again = "Try another address", "Andere Adresse versuchen";
    sent_local = "This installation keeps its letters here instead of sending them. Staff find them in the outbox:", "Diese Installation behält ihre Briefe hier, statt sie zu verschicken. Mitarbeitende finden sie im Postausgang:";
    outbox = "Outbox", "Postausgang";
    letter_subject = "Your link to what is known about you", "Ihr Link zu dem, was über Sie bekannt ist";
    link_title = "Welcome", "Willkommen";
    link_text = "Press the button to see what is known about you. The link works once.", "Drücken Sie auf den Knopf, um zu sehen, was über Sie bekannt ist. Der Link gilt einmal.";
    link_button = "Open my page", "Meine Seite öffnen";
    link_over_title = "This link does not work", "Dieser Link funktioniert nicht";
    link_over_text = "It has been used, has run out, or was never ours. Nothing is lost: ask for a new one, it takes a minute.", "Er wurde benutzt, ist abgelaufen oder war nie von uns. Nichts ist verloren: Fordern Sie einen neuen an, es dauert eine Minute.";
    link_again = "Ask for a new link", "Neuen Link anfordern";

    asks_title = "Waiting for your answer", "Wartet auf Ihre Antwort";
    benefit = "What you get", "Was Sie davon haben";
    what = "What we do", "Was wir tun";
    kinds = "Which data", "Welche Daten";
    may_title = "What may be done", "Was getan werden darf";
    who = "Who receives it", "Wer sie bekommt";
    only_company = "Nobody but the company itself", "Niemand außer dem Unternehmen selbst";
    place = "Where", "Wo";
    long = "How long", "Wie lange";
    risks = "What could go wrong", "Was schiefgehen kann";
    if_no = "If you say no", "Wenn Sie Nein sagen";
    why = "What for", "Wozu";
    yes = "Yes", "Ja";
    no = "No", "Nein";
    less = "Yes, but less", "Ja, aber weniger";
    not_again = "No, and don't ask again", "Nein, und nicht mehr fragen";
    quiet_for = "Nobody may ask again for", "Niemand darf wieder fragen für";
    yes_means = "If you say yes:", "Wenn Sie Ja sagen:";
    whole_notice = "Read all of it", "Alles lesen";
    mailed_lead = "You can answer here without signing in. This page shows the question and your answer, and nothing else about you.", "Sie können hier antworten, ohne sich anzumelden. Diese Seite zeigt die Frage und Ihre Antwort, sonst nichts über Sie.";
    mailed_now = "How it stands now:", "So steht es jetzt:";
    mailed_more = "See everything this company knows about you", "Alles sehen, was dieses Unternehmen über Sie weiß";
    inbox_title = "Who asks you", "Wer Sie fragt";
    inbox_lead = "Here stands who wants to use something about you, what for, and what you get. Until you say yes, nothing happens.", "Hier steht, wer etwas über Sie nutzen möchte, wozu, und was Sie davon haben. Bis Sie Ja sagen, geschieht nichts.";
    inbox_none = "Nobody is waiting for an answer.", "Niemand wartet auf eine Antwort.";
    inbox_before = "Asked before", "Früher gefragt";
    inbox_before_none = "You have not been asked anything before.", "Sie wurden noch nichts gefragt.";
    no_answer = "no answer", "keine Antwort";
    unasked = "Nobody had asked; you said it yourself.", "Niemand hatte gefragt; Sie haben es selbst gesagt.";
    may_ask = "They may ask again", "Sie dürfen wieder fragen";
    ends_title = "Ends soon", "Endet bald";
    ends_yes = "Then it stops by itself. You need not do anything. To go on, say yes again.", "Dann hört es von selbst auf. Sie müssen nichts tun. Soll es weitergehen, sagen Sie wieder Ja.";
    ends_contract = "Your contract", "Ihr Vertrag";
    ends_contract_then = "Then nothing may be used for the contract any more.", "Dann darf nichts mehr für den Vertrag genutzt werden.";
    ends_law = "Then no law keeps it any longer, and it is erased unless you allow it.", "Dann verlangt kein Gesetz es mehr, und es wird gelöscht, außer Sie erlauben es.";
    ends_quiet = "Then you may be asked again.", "Dann dürfen Sie wieder gefragt werden.";
    gains_title = "What you got from it", "Was Sie davon hatten";
    gains_none = "Nothing about you has been used for anything yet.", "Noch wurde nichts über Sie für etwas genutzt.";
    not_used_yet = "You said yes, and it has not been used yet. You can take the yes back if you do not need it.", "Sie haben Ja gesagt, und es wurde noch nicht genutzt. Sie können das Ja zurücknehmen, wenn Sie es nicht brauchen.";
    explicit = "Yes, I clearly agree that this is done with these data. They are specially protected.", "Ja, ich stimme ausdrücklich zu, dass dies mit diesen Daten geschieht. Sie sind besonders geschützt.";
    explicit_missing = "Tick the sentence to agree clearly. Without it, nothing was recorded.", "Kreuzen Sie den Satz an, um ausdrücklich zuzustimmen. Ohne ihn wurde nichts festgehalten.";
    guardian = "You are listed as under age. A parent or guardian must say yes for you; nothing happens until then.", "Sie sind als minderjährig eingetragen. Ein Elternteil oder Vormund muss für Sie Ja sagen; bis dahin geschieht nichts.";
    changed_text = "The text has changed meanwhile. Please read it again.", "Der Text hat sich inzwischen geändert. Bitte lesen Sie ihn noch einmal.";
    more_than_asked = "That is more than was asked for, so nothing was recorded. Choose among what stands here.", "Das ist mehr, als gefragt wurde; darum wurde nichts festgehalten. Wählen Sie aus dem, was hier steht.";
    choose_kind = "Choose at least one kind of data, or say no.", "Wählen Sie mindestens eine Art von Daten, oder sagen Sie Nein.";
    choose_use = "Choose at least one thing that may be done, or say no.", "Wählen Sie mindestens eines, das getan werden darf, oder sagen Sie Nein.";
    choose_region = "Choose at least one place, or say no.", "Wählen Sie mindestens einen Ort, oder sagen Sie Nein.";
    bad_uses = "The number of times must be between 1 and 1000, or empty for any number.", "Die Anzahl muss zwischen 1 und 1000 liegen oder leer sein für beliebig oft.";
    choose_answer = "Choose one of the answers.", "Wählen Sie eine der Antworten.";
    limit_title = "Yes, but only this much", "Ja, aber nur so viel";
    limit_lead = "Take away what you do not want. You cannot give more than was asked for.", "Nehmen Sie weg, was Sie nicht möchten. Mehr, als gefragt wurde, können Sie nicht geben.";
    limit_who_hint = "A company that works with helpers needs all of them: without a helper of its own, it receives nothing.", "Ein Unternehmen, das mit Helfern arbeitet, braucht sie alle: Fehlt einer seiner Helfer, bekommt es nichts.";
    limit_where_hint = "Whoever works in a place you take away receives nothing.", "Wer an einem Ort arbeitet, den Sie wegnehmen, bekommt nichts.";
    month_1 = "1 month", "1 Monat";
    month_6 = "6 months", "6 Monate";
    year_1 = "1 year", "1 Jahr";
    full_time = "As long as asked for", "So lange wie gefragt";
    as_now = "As now: until", "Wie jetzt: bis";
    choose_span = "That day is over. Please choose again how long.", "Dieser Tag ist vorbei. Bitte wählen Sie noch einmal, wie lange.";
    times = "How many times (empty: any number)", "Wie oft (leer: beliebig oft)";
    give_limited = "Yes, this much", "Ja, so viel";

    agreed_title = "What you agreed to", "Wozu Sie Ja gesagt haben";
    agreed_none = "You have agreed to nothing. So nothing is done on a yes of yours.", "Sie haben zu nichts Ja gesagt. Also geschieht nichts aufgrund eines Ja von Ihnen.";
    withdraw = "Withdraw", "Widerrufen";
    limit = "Limit", "Begrenzen";
    outdated = "The text has changed since; this yes no longer counts until you agree again.", "Der Text hat sich seitdem geändert; dieses Ja zählt nicht mehr, bis Sie erneut zustimmen.";
    over = "It has run out and counts no more.", "Es ist abgelaufen und zählt nicht mehr.";
    used_up = "The number of times is used up; it counts no more.", "Die Anzahl ist verbraucht; es zählt nicht mehr.";
    minor_yes = "It does not count yet: a guardian must say yes.", "Es zählt noch nicht: Ein Vormund muss Ja sagen.";
    rests_all = "You stopped everything; this yes rests until you allow it again.", "Sie haben alles gestoppt; dieses Ja ruht, bis Sie es wieder erlauben.";
    rests_marketing = "You stopped advertising; this yes rests until you allow it again.", "Sie haben Werbung gestoppt; dieses Ja ruht, bis Sie sie wieder erlauben.";
    never_asked = "You have not been asked yet, so it does not happen. You can answer now.", "Sie wurden noch nicht gefragt, darum geschieht es nicht. Sie können jetzt antworten.";
    said_no = "You said no. It does not happen.", "Sie haben Nein gesagt. Es geschieht nicht.";
    said_no_longer = "You took your yes back. It does not happen any more.", "Sie haben Ihr Ja zurückgenommen. Es geschieht nicht mehr.";

    held_title = "What is held", "Was gespeichert ist";
    held_none = "Nothing is held about you.", "Über Sie ist nichts gespeichert.";
    from = "From", "Herkunft";
    since = "since", "seit";
    said_by_you = "you", "von Ihnen";
    stands = "Stands on", "Beruht auf";
    used_for = "May be used for", "Darf genutzt werden für";
    used_for_nothing = "nothing but your own rights", "nichts außer Ihren eigenen Rechten";
    change = "Change", "Ändern";
    add_title = "Add something", "Etwas hinzufügen";
    chip_quarantine = "set apart", "zurückgestellt";
    chip_restricted = "kept, not used", "aufbewahrt, nicht genutzt";
    chip_law = "kept by law", "gesetzlich aufbewahrt";
    chip_going = "closed, to be erased", "geschlossen, wird gelöscht";
    chip_contract = "contract", "Vertrag";
    stands_quarantine = "the duty to tell you and to ask you. Nobody may use it until you say so", "der Pflicht, Sie zu informieren und zu fragen. Niemand darf es nutzen, bis Sie es sagen";
    stands_gone = "nothing any more: it is closed and will be erased within 30 days", "nichts mehr: Es ist geschlossen und wird innerhalb von 30 Tagen gelöscht";
    carried = "It came with terms of its own, which are kept.", "Es kam mit eigenen Zusagen, die eingehalten werden.";
    kind = "Kind", "Art";
    value = "Value", "Wert";
    save = "Save", "Speichern";
    edit_title = "Put it right", "Berichtigen";
    add_lead = "What you add comes from you, and you see here who uses it.", "Was Sie hinzufügen, kommt von Ihnen, und Sie sehen hier, wer es nutzt.";
    remove = "This is wrong, remove it", "Das ist falsch, entfernen";
    remove_text = "It is removed at once, for everybody.", "Es wird sofort entfernt, für alle.";
    remove_way_in = "If it is your only address here, you cannot get in again: no link can be sent any more.", "Ist es hier Ihre einzige Adresse, kommen Sie nicht mehr hinein: Es kann kein Link mehr geschickt werden.";
    locked_law = "A law demands that this stays as it is. You can see it, and it may be used for nothing else than that law says.", "Ein Gesetz verlangt, dass dies bleibt, wie es ist. Sie können es sehen; für anderes, als das Gesetz sagt, wird es nicht genutzt.";
    locked_derived = "This was worked out from other data. You can remove it, but not type over it.", "Das wurde aus anderen Daten errechnet. Sie können es entfernen, aber nicht überschreiben.";
    empty_value = "Type a value of at most 2000 characters.", "Geben Sie einen Wert mit höchstens 2000 Zeichen ein.";
    unfit = "That does not fit here:", "Das passt hier nicht:";
    bad_kind = "Choose one of the kinds in the list.", "Wählen Sie eine der Arten aus der Liste.";
    not_kept = "It was not kept:", "Es wurde nicht gespeichert:";

    uses_title = "Who used it", "Wer es genutzt hat";
    uses_lead = "Every use and every attempt, newest first. What was refused did not happen.", "Jede Nutzung und jeder Versuch, das Neueste zuerst. Was abgelehnt wurde, ist nicht geschehen.";
    uses_none = "Nobody has used anything about you yet.", "Noch niemand hat etwas über Sie genutzt.";
    uses_none_here = "There is nothing in this list.", "In dieser Liste steht nichts.";
    all_uses = "See everything", "Alles ansehen";
    filter = "Show", "Zeigen";
    show_all = "All", "Alle";
    show_permitted = "Permitted", "Erlaubt";
    show_refused = "Refused", "Abgelehnt";
    show_own = "With your own visits", "Mit Ihren eigenen Besuchen";
    permitted = "permitted", "erlaubt";
    refused = "refused", "abgelehnt";
    recorded = "recorded", "festgehalten";
    older = "Older", "Ältere";
    newest = "Newest", "Neueste";
    receipt = "Receipt", "Beleg";
    check_it = "Check it", "Prüfen";
    because = "Allowed by", "Erlaubt durch";
    went_to = "Went to", "Ging an";
    would_go_to = "Would have gone to", "Wäre gegangen an";
    not_through = "These, or a helper they need, lie outside what you allowed. So nothing goes through them:", "Diese oder ein Helfer, den sie brauchen, liegen außerhalb dessen, was Sie erlaubt haben. Darum geht nichts über sie:";
    why_held = "Why it is held", "Warum es gespeichert ist";
    check_alone = "The head is signed by the company; no outside witness has signed it as well yet.", "Den Kopf hat das Unternehmen unterschrieben; ein Zeuge von außen hat ihn noch nicht mitunterschrieben.";
    no_facts = "nothing", "nichts";

    check_title = "Is this receipt genuine?", "Ist dieser Beleg echt?";
    check_good = "Yes. Everything fits together.", "Ja. Alles passt zusammen.";
    check_bad = "No. Something does not fit; the marked line says what. Keep the file and ask the company.", "Nein. Etwas passt nicht; die markierte Zeile sagt, was. Behalten Sie die Datei und fragen Sie das Unternehmen.";
    check_signed = "The company signed its ledger with its key.", "Das Unternehmen hat sein Buch mit seinem Schlüssel unterschrieben.";
    check_included = "The entry is in the signed ledger, at its place, unchanged.", "Der Eintrag steht im unterschriebenen Buch, an seinem Platz, unverändert.";
    check_opening = "The receipt was not changed since it was written.", "Der Beleg wurde nicht geändert, seit er geschrieben wurde.";
    check_agrees = "What only you can read and what everybody can read say the same.", "Was nur Sie lesen können und was alle lesen können, sagt dasselbe.";
    check_says = "What the receipt says", "Was der Beleg sagt";
    check_yourself = "Check it yourself, without us", "Selbst prüfen, ohne uns";
    check_how = "Download both files into one folder and run this there. It works without a connection.", "Laden Sie beide Dateien in einen Ordner und führen Sie dort dies aus. Es geht ohne Verbindung.";
    check_receipt = "The receipt", "Der Beleg";
    check_key = "The ledger's public key", "Der öffentliche Schlüssel des Buches";
    entry_no = "Entry", "Eintrag";
    entry_of = "of", "von";

    own_title = "Checked by your own browser", "Von Ihrem eigenen Browser geprüft";
    own_how = "Worked out on your device. The script comes from this site; the program “assent verify” needs nothing from us.", "Auf Ihrem Gerät ausgerechnet. Das Skript kommt von dieser Website; das Programm „assent verify“ braucht nichts von uns.";
    own_good = "Your browser says: genuine.", "Ihr Browser sagt: echt.";
    own_bad = "Your browser says: something does not fit. Keep the file and ask the company.", "Ihr Browser sagt: Etwas passt nicht. Behalten Sie die Datei und fragen Sie das Unternehmen.";
    own_part = "Your browser does not know this kind of signature (Ed25519). Everything else fits. For the signature, use the command below or a newer browser.", "Ihr Browser kennt diese Art Unterschrift nicht (Ed25519). Alles andere passt. Für die Unterschrift nehmen Sie den Befehl unten oder einen neueren Browser.";
    own_witnesses = "Everything fits. The key also asks for witnesses from outside; this page does not check them. The program “assent verify” does.", "Alles passt. Der Schlüssel verlangt auch Zeugen von außen; die prüft diese Seite nicht. Das Programm „assent verify“ prüft sie.";
    own_unread = "The receipt could not be fetched, so nothing is said about it. Try again.", "Der Beleg ließ sich nicht holen; darum ist nichts über ihn gesagt. Versuchen Sie es noch einmal.";
    own_no_receipt = "The first file is no whole receipt. Choose the .tlog-proof file as you saved it.", "Die erste Datei ist kein vollständiger Beleg. Wählen Sie die .tlog-proof-Datei, wie Sie sie gespeichert haben.";
    own_no_key = "The second file is no public key of a ledger. It is called assent-ledger.txt.", "Die zweite Datei ist kein öffentlicher Schlüssel eines Buches. Sie heißt assent-ledger.txt.";
    own_says = "What your browser read in it", "Was Ihr Browser darin gelesen hat";
    own_use = "What was done", "Was getan wurde";
    own_purpose = "Purpose", "Zweck";
    own_kinds = "Kinds of data", "Arten von Daten";
    own_role = "By whom", "Von wem";
    own_recipient = "Received by", "Bekommen hat es";
    own_outcome = "Outcome", "Ausgang";
    own_time = "When", "Wann";
    own_insecure = "Your browser checks this over a secure connection (https) only.", "Ihr Browser prüft das nur über eine sichere Verbindung (https).";
    own_page = "Or check a saved receipt in the browser", "Oder einen gespeicherten Beleg im Browser prüfen";
    own_lead = "Choose the receipt you saved and the ledger's public key. Your browser checks them on your device; nothing is sent.", "Wählen Sie den Beleg, den Sie gespeichert haben, und den öffentlichen Schlüssel des Buches. Ihr Browser prüft sie auf Ihrem Gerät; nichts wird gesendet.";
    own_noscript = "This check runs in your browser and needs JavaScript. Without it, use the program: assent verify.", "Diese Prüfung läuft in Ihrem Browser und braucht JavaScript. Ohne geht es mit dem Programm: assent verify.";
    told_title = "Who was told that you were erased", "Wem gesagt wurde, dass Sie gelöscht sind";
    told_lead = "These received something about you. The company has to tell them. Here you see who was told, and when.", "Diese haben etwas über Sie bekommen. Das Unternehmen muss es ihnen sagen. Hier sehen Sie, wem es gesagt wurde, und wann.";
    told_not = "Not told yet. The company has to tell them by hand.", "Noch nicht verständigt. Das Unternehmen muss es ihnen selbst sagen.";
    told_written = "A letter to them is written and waits to leave.", "Ein Brief an sie ist geschrieben und wartet auf den Versand.";
    told_when_over = "Told when the time for which a law keeps it is over.", "Werden verständigt, wenn die Zeit um ist, für die ein Gesetz es bewahrt.";
    told_link = "See later who was told", "Später sehen, wer verständigt wurde";
    told_link_text = "Keep this link. It shows who was told, and nothing about you.", "Heben Sie diesen Link auf. Er zeigt, wer verständigt wurde, und nichts über Sie.";
    told_nothing = "There is no such erasure.", "So eine Löschung gibt es nicht.";
    programs_title = "Your programs", "Ihre Programme";
    programs_lead = "A program of yours can look after your data here. You make a key for it. You say what it may do. You end it when you like.", "Ein Programm von Ihnen kann sich hier um Ihre Daten kümmern. Sie machen ihm einen Schlüssel. Sie sagen, was es darf. Sie beenden es, wann Sie möchten.";
    programs_again = "To make a key, come in again first: it is more than 15 minutes since you did.", "Um einen Schlüssel zu machen, kommen Sie zuerst noch einmal herein: Es ist mehr als 15 Minuten her.";
    programs_how = "How a program uses a key", "Wie ein Programm einen Schlüssel nutzt";
    program_name = "What do you call the program?", "Wie nennen Sie das Programm?";
    program_may = "What may it do?", "Was darf es?";
    program_reads = "It may read.", "Es darf lesen.";
    program_answers = "It may read, and answer for you.", "Es darf lesen und für Sie antworten.";
    program_never = "It can never erase you, make keys or change the address that lets you in. What it does stands in your list, with its name.", "Es kann Sie nie löschen, keine Schlüssel machen und nicht die Adresse ändern, mit der Sie hereinkommen. Was es tut, steht in Ihrer Liste, mit seinem Namen.";
    program_make = "Make a key", "Schlüssel machen";
    program_made = "The key is made.", "Der Schlüssel ist gemacht.";
    program_key = "The key, shown this once", "Der Schlüssel, nur jetzt zu sehen";
    program_key_text = "Copy it into your program now. Whoever has it can do what you chose.", "Kopieren Sie ihn jetzt in Ihr Programm. Wer ihn hat, kann tun, was Sie gewählt haben.";
    program_nameless = "A program", "Ein Programm";
    program_end = "End it", "Beenden";
    program_many = "You have 20 programs here. End one first.", "Sie haben hier 20 Programme. Beenden Sie zuerst eines.";
    program_unnamed = "Give the program a name of up to 60 letters.", "Geben Sie dem Programm einen Namen mit bis zu 60 Buchstaben.";
    done_program_ended = "The program is ended. Its key does nothing any more.", "Das Programm ist beendet. Sein Schlüssel bewirkt nichts mehr.";
    erase_again = "To erase, come in again first: it is more than 15 minutes since you did.", "Um zu löschen, kommen Sie zuerst noch einmal herein: Es ist mehr als 15 Minuten her.";
    stop_purpose_text = "The company did not have to ask you for this. Press stop, and it uses nothing about you for it.", "Danach musste das Unternehmen Sie nicht fragen. Drücken Sie auf Stopp, und es nutzt dafür nichts über Sie.";
    ways_title = "How you come in", "Wie Sie hereinkommen";
    ways_lead = "A link by e-mail always works. With a passkey you come in by finger, face or PIN, without waiting for a letter. The key stays in your device.", "Ein Link per E-Mail geht immer. Mit einem Passkey kommen Sie mit Finger, Gesicht oder PIN herein, ohne auf einen Brief zu warten. Der Schlüssel bleibt in Ihrem Gerät.";
    ways_used = "last used on", "zuletzt genutzt am";
    ways_remove = "Remove", "Entfernen";
    ways_label = "What you call this device", "Wie Sie dieses Gerät nennen";
    ways_add = "Use this device", "Dieses Gerät nutzen";
    ways_known = "This device opens your page already.", "Dieses Gerät öffnet Ihre Seite schon.";
    ways_failed = "The passkey was not used. Nothing has changed; you can try again.", "Der Passkey wurde nicht genutzt. Nichts hat sich geändert; Sie können es noch einmal versuchen.";
    ways_noscript = "A passkey needs JavaScript. The link by e-mail works without.", "Ein Passkey braucht JavaScript. Der Link per E-Mail geht ohne.";
    ways_accounts = "With an account elsewhere", "Mit einem Konto anderswo";
    ways_accounts_lead = "Connect an account once, then it lets you in. The provider tells us nothing but the account's number; whoever runs it can come in as you.", "Verbinden Sie ein Konto einmal, dann lässt es Sie herein. Der Anbieter sagt uns nichts als die Nummer des Kontos; wer ihn betreibt, kann als Sie hereinkommen.";
    ways_connect = "Connect", "Verbinden:";
    ways_with = "Come in with", "Hereinkommen mit";
    ways_again = "To add a way in, come in again first: it is more than 15 minutes since you did.", "Um einen Weg hinein hinzuzufügen, kommen Sie zuerst noch einmal herein: Es ist mehr als 15 Minuten her.";
    ways_unconnected = "This account is not connected with anything here. Come in by a link, then connect it on your page under “How you come in”: from then on it lets you in.", "Dieses Konto ist hier mit nichts verbunden. Kommen Sie mit einem Link herein und verbinden Sie es auf Ihrer Seite unter „Wie Sie hereinkommen“: Von da an lässt es Sie herein.";
    done_account = "The account is connected. It lets you in from now on.", "Das Konto ist verbunden. Von jetzt an lässt es Sie herein.";
    done_account_removed = "The account is no longer connected.", "Das Konto ist nicht mehr verbunden.";
    ways_enter = "Come in with a passkey", "Mit einem Passkey hereinkommen";
    ways_enter_lead = "You have set up a passkey here?", "Sie haben hier einen Passkey eingerichtet?";
    done_passkey = "Done. This device opens your page from now on.", "Fertig. Dieses Gerät öffnet ab jetzt Ihre Seite.";
    done_passkey_removed = "Removed. That device opens your page no more.", "Entfernt. Dieses Gerät öffnet Ihre Seite nicht mehr.";
    stop_title = "Stop", "Stopp";
    stop_marketing = "No advertising", "Keine Werbung";
    stop_marketing_text = "Nobody may use your data to advertise to you, whatever you agreed to before.", "Niemand darf Ihre Daten für Werbung an Sie nutzen, egal wozu Sie früher Ja gesagt haben.";
    stop_sharing = "No selling and sharing", "Kein Verkauf, keine Weitergabe";
    stop_sharing_text = "Nothing goes to other companies that decide for themselves, unless you name one in a later yes.", "Nichts geht an andere Unternehmen, die selbst entscheiden, außer Sie nennen eines in einem späteren Ja.";
    stop_all = "Keep it, but use it for nothing", "Behalten, aber für nichts nutzen";
    stop_all_text = "Everything stays, and nobody uses it. A later yes opens only what it names. You can still look at it and take it.", "Alles bleibt, und niemand nutzt es. Ein späteres Ja öffnet nur, was es nennt. Sie können es weiter ansehen und mitnehmen.";
    way_back = "Your way back to what is kept", "Ihr Weg zurück zu dem, was aufbewahrt wird";
    way_back_text = "Your address is erased, so no letter can reach you. Keep this link like a key: it leads to what a law still keeps, under which law and until when, as often as you like and until nothing is kept.", "Ihre Adresse ist gelöscht, kein Brief erreicht Sie mehr. Bewahren Sie diesen Link wie einen Schlüssel auf: Er führt zu dem, was ein Gesetz noch aufbewahrt, nach welchem Gesetz und bis wann, so oft Sie wollen und bis nichts mehr aufbewahrt wird.";
    stop_retained = "What is left is kept only because a law demands it.", "Was übrig ist, wird nur aufbewahrt, weil ein Gesetz es verlangt.";
    stop_it = "Stop it", "Stoppen";
    take_back = "Allow again", "Wieder erlauben";
    stopped_since = "Stopped since", "Gestoppt seit";
    gpc_on = "Your browser says “do not sell or share” (Global Privacy Control), and we keep to it. To allow it again, switch it off in the browser first.", "Ihr Browser sagt „nicht verkaufen, nicht weitergeben“ (Global Privacy Control), und wir halten uns daran. Um es wieder zu erlauben, schalten Sie es zuerst im Browser aus.";

    terms_title = "What you may decide", "Was Sie entscheiden können";
    terms_lead = "Everything that would need your yes, asked or not. Silence is no.", "Alles, was Ihr Ja bräuchte, gefragt oder nicht. Schweigen heißt Nein.";
    terms_none = "Nothing here needs your yes at the moment.", "Zurzeit braucht hier nichts Ihr Ja.";
    laws_title = "What is allowed without asking you", "Was ohne Frage an Sie erlaubt ist";
    laws_lead = "Laws and contracts, each with the text it stands on. Nothing else is.", "Gesetze und Verträge, jedes mit dem Text, auf dem es beruht. Sonst nichts.";
    forbids = "Forbids", "Verbietet";
    while_contract = "While your contract runs", "Solange Ihr Vertrag läuft";

    export_title = "Take it with you", "Mitnehmen";
    export_lead = "Everything held about you, with its source and its terms. Making the file is written down, like every use.", "Alles, was über Sie gespeichert ist, mit Herkunft und Zusagen. Auch das Erstellen der Datei wird aufgeschrieben.";
    export_json = "Everything, for programs (JSON)", "Alles, für Programme (JSON)";
    export_json_text = "Values, sources, terms, your answers, and every use.", "Werte, Herkunft, Zusagen, Ihre Antworten und jede Nutzung.";
    export_csv = "A table (CSV)", "Eine Tabelle (CSV)";
    export_csv_text = "One line for each value, with its source and its terms.", "Eine Zeile je Wert, mit Herkunft und Zusagen.";
    export_vcf = "A contact card (vCard)", "Eine Kontaktkarte (vCard)";
    export_vcf_text = "Your name and how to reach you, for an address book.", "Ihr Name und wie man Sie erreicht, für ein Adressbuch.";
    export_record = "Proof of your answers (consent record)", "Nachweis Ihrer Antworten (Consent Record)";
    case = "Case", "Fall";
    emergencies_title = "Opened in an emergency", "Im Notfall geöffnet";
    emergencies_lead = "Only to protect somebody's life, only with a second person's yes, and never without telling you.", "Nur um ein Leben zu schützen, nur mit dem Ja einer zweiten Person, und nie, ohne es Ihnen zu sagen.";
    export_files = "Files kept about you", "Dateien über Sie";
    export_record_text = "What you agreed to, in the words of the W3C Data Privacy Vocabulary. It holds no values.", "Wozu Sie Ja gesagt haben, in den Worten des W3C Data Privacy Vocabulary. Ohne Werte.";
    download = "Download", "Herunterladen";

    erase_title = "Erase everything", "Alles löschen";
    erase_lead = "The key to everything held about you is destroyed. Nobody here can read it then, and after 30 days nobody can bring it back from a backup either.", "Der Schlüssel zu allem, was über Sie gespeichert ist, wird vernichtet. Danach kann es hier niemand mehr lesen, und nach 30 Tagen kann es auch niemand mehr aus einer Sicherung zurückholen.";
    erase_goes = "This goes", "Das wird gelöscht";
    erase_stays = "This must stay, because a law demands it", "Das muss bleiben, weil ein Gesetz es verlangt";
    erase_stays_text = "It may be used for that law alone.", "Es darf nur für dieses Gesetz genutzt werden.";
    erase_all_goes = "Nothing has to stay.", "Nichts muss bleiben.";
    received_title = "Who received something about you", "Wer etwas über Sie bekommen hat";
    received_last = "last on", "zuletzt am";
    received_text = "The company has to tell them that you had it erased (GDPR, Art. 19). Keep this list: you can ask them yourself.", "Das Unternehmen muss ihnen sagen, dass Sie es löschen ließen (DSGVO, Art. 19). Behalten Sie diese Liste: Sie können auch selbst dort nachfragen.";
    never_write = "Never write to my addresses again, whoever sends them to you", "Nie wieder an meine Adressen schreiben, egal von wem sie kommen";
    never_write_text = "A code is kept that recognises the address and cannot be turned back into it.", "Dafür bleibt ein Code, der die Adresse erkennt und sich nicht zurückrechnen lässt.";
    erase_button = "Erase everything now", "Jetzt alles löschen";
    erase_keep = "Keep it", "Behalten";
    erase_after = "It cannot be undone. You get a certificate, and your session ends.", "Das lässt sich nicht rückgängig machen. Sie bekommen eine Bescheinigung, und Ihre Sitzung endet.";
    erased_title = "Erased", "Gelöscht";
    erased_lead = "This is your certificate. It is shown once: copy the receipt or print the page.", "Das ist Ihre Bescheinigung. Sie wird einmal gezeigt: Kopieren Sie den Beleg oder drucken Sie die Seite.";
    erased_at = "Erased on", "Gelöscht am";
    erased_count = "Values erased", "Gelöschte Werte";
    erased_now = "Unreadable", "Unlesbar";
    erased_now_text = "now", "ab jetzt";
    erased_from = "Not even from backups, from", "Auch nicht aus Sicherungen, ab";
    erased_waits = "The last copies go as soon as nobody reads them; that happens by itself.", "Die letzten Kopien verschwinden, sobald niemand sie mehr liest; das geschieht von selbst.";
    erased_kept = "Kept", "Aufbewahrt";
    erased_receipt = "The receipt: save it as receipt.tlog-proof", "Der Beleg: speichern Sie ihn als receipt.tlog-proof";
    until = "until", "bis";

    done_given = "Recorded: yes.", "Festgehalten: Ja.";
    done_refused = "Recorded: no. It does not happen.", "Festgehalten: Nein. Es geschieht nicht.";
    done_withdrawn = "Withdrawn. From now on it is refused.", "Widerrufen. Ab jetzt wird es abgelehnt.";
    done_quiet = "Recorded: no, and nobody may ask you again until the time you chose is over.", "Festgehalten: Nein, und niemand darf wieder fragen, bis die gewählte Zeit vorbei ist.";
    done_may_ask = "Recorded: they may ask you again.", "Festgehalten: Sie dürfen wieder gefragt werden.";
    done_stopped = "Stopped.", "Gestoppt.";
    done_lifted = "Allowed again.", "Wieder erlaubt.";
    done_saved = "Saved.", "Gespeichert.";
    done_removed = "Removed.", "Entfernt.";
    done_gpc = "Your browser says “do not sell or share”. We have written that down for you.", "Ihr Browser sagt „nicht verkaufen, nicht weitergeben“. Wir haben das für Sie festgehalten.";
}

#[cfg(test)]
mod tests {
    use assent_web::reading::{self, Level};

    use super::*;

    #[test]
    fn every_sentence_is_there_in_both_languages() {
        for (en, de) in ALL {
            assert!(!en.trim().is_empty() && !de.trim().is_empty(), "{en} / {de}");
            assert_ne!(en, de, "a sentence that was only copied is not there");
        }
    }

    /// The same measure that a company's own notices are held to. It says nothing of a label or of four words.
    #[test]
    fn every_sentence_is_one_that_most_people_read() {
        let mut hard = Vec::new();
        let mut measured = 0;
        let texts = ALL.iter().copied().map(|(en, de)| (en.to_owned(), de.to_owned()));
        for (en, de) in texts.chain(super::super::reasons::both()).chain(super::super::words::samples()) {
            for (lang, text) in [("en", en), ("de", de)] {
                let Some(reading) = reading::measure(lang, &text) else { continue };
                if text.split_whitespace().count() < 5 || !text.trim_end().ends_with(['.', '?', '!']) {
                    continue;
                }
                measured += 1;
                if reading.level() == Level::Hard {
                    hard.push(format!("{lang}: {text} {}", reading.sentence()));
                }
            }
        }
        assert!(measured > 300, "{measured} sentences were measured");
        assert_eq!(hard, Vec::<String>::new());
    }

    #[test]
    fn dates_read_as_people_say_them() {
        let at = Timestamp::from_micros(1_809_180_300_000_000);
        assert_eq!(Text::of("en").date(at), "1 May 2027");
        assert_eq!(Text::of("de").date(at), "1. Mai 2027");
        assert_eq!(Text::of("de").date_time(at), "1. Mai 2027, 14:05 UTC");
    }
}
