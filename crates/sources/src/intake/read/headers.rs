//! The names columns go by: in English, German, French and Spanish, and in the exports of HubSpot, Salesforce,
//! Pipedrive, Google Contacts, Outlook, EspoCRM, Twenty and Mailchimp. Written as [`key`] makes them.

use super::target::Target;
use super::words::key;

/// The target a column of this name has, if the name is known. Numbers in it are let go: `E-mail 2 Address`.
pub(super) fn target(header: &str) -> Option<Target> {
    let whole = key(header);
    let bare: String = whole.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let known =
        |name: &str| NAMES.iter().find(|(_, names)| names.split_whitespace().any(|known| known == name));
    known(&whole).or_else(|| known(&bare)).map(|(target, _)| *target)
}

const NAMES: [(Target, &str); 31] = [
    (
        Target::GivenName,
        "givenname firstname vorname prenom nombre nombredepila rufname forename fname namefirstname \
        personfirstname ngiven contactfirstname nombres",
    ),
    (
        Target::FamilyName,
        "familyname lastname surname nachname familienname zuname nomdefamille apellido apellidos \
        lname namelastname personlastname nfamily contactlastname nomfamille",
    ),
    (
        Target::FullName,
        "name fullname displayname vollstandigername vollername anzeigename nom nomcomplet \
        nombrecompleto personname contactname kontakt kontaktname fn contact fileas ansprechpartner nombreyapellidos \
        nometprenom prenometnom vorundnachname",
    ),
    (
        Target::Email,
        "email mail emailaddress mailadresse emailadresse adresseemail adressemail courriel correo \
        correoelectronico emailvalue personemail personemailhome personemailother primaryemail emailsprimaryemail \
        emailprivat privateemail homeemail personalemail direcciondecorreoelectronico adresseelectronique emails",
    ),
    (
        Target::EmailWork,
        "emailwork workemail businessemail emailgeschaftlich geschaftlicheemail emailprofessionnel \
        correodetrabajo personemailwork firmenemail emailpro dienstlicheemail",
    ),
    (
        Target::Phone,
        "phone phonenumber telephone telefon telefonnummer tel fon rufnummer telefono numerodetelefono \
        numerodetelephone phonevalue personphone personphonehome personphonework personphoneother homephone \
        businessphone primaryphone phonesprimaryphonenumber workphone telefonprivat telefongeschaftlich otherphone \
        festnetz telephonenumber companymainphone assistantphone",
    ),
    (
        Target::PhoneMobile,
        "mobile mobilephone mobilephonenumber mobil mobiltelefon mobilnummer handy handynummer \
        cell cellphone portable telephoneportable movil telefonomovil personphonemobile telmobile celular gsm \
        phonemobile",
    ),
    (
        Target::Street,
        "street streetaddress address addressstreet strasse straße strassehausnummer straßehausnummer \
        anschrift adresse rue calle direccion homestreet businessstreet mailingstreet otherstreet billingstreet \
        addressvalue adrstreet adressstrasse addressaddressstreet strasseundhausnummer straßeundhausnummer \
        personpostaladdress addressline",
    ),
    (
        Target::City,
        "city town ort stadt wohnort ville ciudad localidad poblacion homecity businesscity mailingcity \
        addresscity adrcity othercity billingcity commune addressaddresscity locality",
    ),
    (
        Target::PostalCode,
        "postalcode postcode zip zipcode plz postleitzahl codepostal codigopostal cp \
        homepostalcode businesspostalcode mailingpostalcode mailingzippostalcode addresspostalcode adrpostalcode \
        otherpostalcode billingpostalcode stateregionzip mailingzip addressaddresspostcode",
    ),
    (
        Target::State,
        "state region stateregion province bundesland kanton canton provincia estado homestate \
        businessstate mailingstate mailingstateprovince addressstate addressregion adrregion otherstate departement \
        billingstate addressaddressstate county comunidadautonoma",
    ),
    (
        Target::Country,
        "country land staat pays pais countryregion homecountryregion businesscountryregion \
        mailingcountry addresscountry adrcountry homecountry businesscountry othercountryregion billingcountry \
        addressaddresscountry cc countrycode landercode landercodeiso",
    ),
    (
        Target::Company,
        "company companyname organization organisation organizationname firma unternehmen firmenname \
        entreprise societe empresa compania account accountname personorganization personorganisation org employer \
        arbeitgeber associatedcompany primaryassociatedcompany nombredelaempresa betrieb",
    ),
    (
        Target::JobTitle,
        "jobtitle title position funktion berufsbezeichnung beruf poste fonction cargo puesto \
        organizationtitle personjobtitle stelle rolle role intituleduposte profession",
    ),
    (
        Target::BirthDate,
        "birthdate birthday dateofbirth dob geburtsdatum geburtstag datedenaissance \
        fechadenacimiento bday personbirthday anniversaire cumpleanos naissance geboren geborenam",
    ),
    (
        Target::Gender,
        "gender sex geschlecht genre sexe sexo genero anrede salutation civilite salutationname \
        tratamiento",
    ),
    (Target::Language, "language sprache langue idioma lang preferredlanguage locale korrespondenzsprache"),
    (
        Target::Website,
        "website websiteurl webpage url homepage web webseite siteweb sitioweb paginaweb websitevalue \
        internetseite",
    ),
    (
        Target::Note,
        "note notes notiz notizen bemerkung bemerkungen kommentar remarque remarques commentaire nota \
        notas observaciones comment comments description beschreibung descripcion",
    ),
    (
        Target::Tags,
        "tag tags label labels categories category kategorie kategorien etiquette etiquettes etiquetas \
        groupmembership gruppe gruppen segment segments schlagworte personlabels",
    ),
    (
        Target::ExternalId,
        "id externalid recordid contactid uid kundennummer kundennr kontaktid customerid \
        customernumber numeroclient numerodecliente leid euid personid leadid identifiant idcliente kundenid \
        clientid accountid",
    ),
    (
        Target::Owner,
        "owner contactowner besitzer zustandig betreuer proprietaire propietario personowner \
        assigneduser assignedusername ownername ownerid hubspotownerid leadowner kundenbetreuer",
    ),
    (
        Target::ConsentPurpose,
        "consentpurpose consent einwilligung zweck einwilligungzweck einwilligungszweck \
        consentement finalite consentimiento finalidad gdprconsent dsgvoeinwilligung purpose \
        legalbasisforprocessingcontactsdata legalbasis optin",
    ),
    (
        Target::ConsentDate,
        "consentdate consentgivenon einwilligungam einwilligungdatum einwilligungsdatum \
        datedeconsentement dateconsentement fechadeconsentimiento confirmtime optintime optindate consentcapturedate \
        doptindatum",
    ),
    (
        Target::ConsentSource,
        "consentsource einwilligungquelle einwilligungsquelle sourceduconsentement \
        fuentedelconsentimiento optinsource consentcapturesource",
    ),
    (
        Target::ConsentTextVersion,
        "consenttextversion consentversion textversion einwilligungstext \
        einwilligungtextversion versiondutexte versiondeltexto noticeversion consenttext",
    ),
    (
        Target::ConsentUntil,
        "consentuntil consentexpires consentexpiry einwilligungbis einwilligunggultigbis \
        consentementjusquau consentimientohasta",
    ),
    (
        Target::ContractRef,
        "contract contractref contractnumber contractid vertrag vertragsnummer vertragsnr contrat \
        numerodecontrat contrato numerodecontrato",
    ),
    (
        Target::ContractUntil,
        "contractuntil contractend contractenddate vertragsende vertragbis \
        findecontrat findelcontrato contractexpires",
    ),
    (
        Target::OptOut,
        "optout optedout optedoutofemail hasoptedoutofemail emailoptout donotcall donotcontact \
        unsubscribed unsubscribedfromallemail abgemeldet werbesperre keinewerbung desabonne desinscrit baja \
        donotemail optouttime unsubtime emailaddressisoptedout marketingstatus donotmail cleantime \
        emailaddressoptedout werbewiderspruch",
    ),
    (
        Target::Ignore,
        "optinip confirmip latitude longitude gmtoff dstoff timezone memberrating lastchanged \
        emailtype emaillabel phonetype phonelabel photo createdate createdat modifiedat lastmodifieddate \
        yominame givennameyomi familynameyomi deletedat createdby lastactivitydate nickname",
    ),
];
