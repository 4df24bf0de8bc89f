//! What somebody did, as the words of many languages put it: `(Translator)`, `[Hrsg.]`, `edited by`, `Übersetzt von`.

use crate::contribution::Role;
use crate::folding::fold;

/// What a text says about a part in a book.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::import) struct Roles {
    /// The roles; none if the text speaks of something that is not a role (“Goodreads Author”).
    pub(in crate::import) roles: Vec<Role>,
    /// Whether it speaks of several people, and so of those before it too.
    pub(in crate::import) is_plural: bool,
}

/// The words for each role, folded and without points and spaces. Those after the bar speak of several people.
const WORDS: [(Role, &str); 10] = [
    (
        Role::Author,
        "author coauthor aut writer verfasser verfasserin autor autorin auteur auteure autrice autora autore schrijver автор text texte \
         yazar 著 作者 | authors verfasserinnen autoren auteurs autores autori",
    ),
    (
        Role::Translator,
        "translator translated transl trans tr trl trad traducteur traductrice traduction traductor traductora traduccion traduttore \
         traduttrice traduzione tradutor tradutora ubersetzer ubersetzerin ubers ubersetzung uebersetzer vertaler vertaalster oversetter \
         oversaetter oversattare tlumacz prekladatel fordito forditotta cevirmen ceviren переводчик перевод пер μεταφραση מתרגם مترجم 译 訳 译者 訳者 \
         翻译 | translators traducteurs traductores traduttori tradutores",
    ),
    (
        Role::Editor,
        "editor edited ed edt hrsg hg herausgeber herausgeberin herausg editeurscientifique directeur dir curatore acuradi cur org \
         organizador organizadora redakteur redacteur redaktor redaktorka redigerad utgivare szerk szerkesztette redaktor redactor \
         редактор ред составительиредактор επιμελεια עורך محرر 编 編 編者 编者 主编 seriesed | editors eds hrsgg hgg herausgeberinnen curatori orgs organizadores",
    ),
    (
        Role::Illustrator,
        "illustrator illustrated illus illust ill illustrateur illustratrice illustration illustrations ilustrador ilustradora il ilus \
         illustratore illustratrice illustratie ilustrator ilustratorka illustrationer kuvittaja cizer resimleyen художник иллюстратор ил \
         zeichner zeichnerin artist dessinateur dessin pictures drawings rajzolta εικονογραφηση מאייר رسام 插图 絵 画 | illustrators illustrateurs ilustradores",
    ),
    (
        Role::Narrator,
        "narrator narrated nrt reader readby read sprecher sprecherin erzahler gelesen vorleser narrateur narratrice lu lupar narrador \
         narradora narratore voce voix verteller voorlezer upplasare oplaeser lektor чтец читает 朗读 朗読 | narrators narrateurs",
    ),
    (
        Role::Foreword,
        "foreword forewordby preface prefaceby introduction intro introductionby introd aui vorwort einleitung einfuhrung geleitwort prologue \
         prologo prefacio prefazione introduccion introduzione introducao voorwoord inleiding forord forord predmluva przedmowa wstep eloszo \
         предисловие вступ 序 序文",
    ),
    (
        Role::Afterword,
        "afterword aft afterwordby epilogue postface nachwort epilogo posfacio postfazione nawoord etterord efterord doslov poslowie utoszo \
         послесловие 跋 あとがき",
    ),
    (
        Role::Photographer,
        "photographer photographs photography photos photo pht fotograf fotografin fotos photographe photographies photogr fotografo fotografa \
         fotografie fotograaf fenykep фотограф фото 摄影 写真 | photographers photographes",
    ),
    (
        Role::Compiler,
        "compiler compiled comp com compilateur compilador compilatore zusammengestellt zsgest bearbeiter compilator samensteller составитель \
         сост 编译 | compilers",
    ),
    (
        Role::AnotherPart,
        "other contributor ctb adapter adaptor adapted adp bearb bearbeitung contributeur mitwirkender mitwirkende mitarb mitarbeit colaborador \
         collaboratore collaborator collab designer coverartist coverdesign composer komponist director commentator | contributors",
    ),
];

/// Brackets that say something about a person that is none of the catalogue's business.
const NO_ROLES: [&str; 4] = ["goodreadsauthor", "creator", "cre", "primaryauthor"];

/// Words that come before a name: “translated by Ida Fell”.
const LEADING: [(&str, Role); 32] = [
    ("translated by ", Role::Translator),
    ("transl. by ", Role::Translator),
    ("übersetzt von ", Role::Translator),
    ("übers. von ", Role::Translator),
    ("traduit par ", Role::Translator),
    ("trad. par ", Role::Translator),
    ("traducido por ", Role::Translator),
    ("traducción de ", Role::Translator),
    ("tradotto da ", Role::Translator),
    ("traduzione di ", Role::Translator),
    ("traduzido por ", Role::Translator),
    ("vertaald door ", Role::Translator),
    ("перевод ", Role::Translator),
    ("edited by ", Role::Editor),
    ("ed. by ", Role::Editor),
    ("herausgegeben von ", Role::Editor),
    ("hrsg. von ", Role::Editor),
    ("édité par ", Role::Editor),
    ("editado por ", Role::Editor),
    ("a cura di ", Role::Editor),
    ("illustrated by ", Role::Illustrator),
    ("illus. by ", Role::Illustrator),
    ("illustriert von ", Role::Illustrator),
    ("illustré par ", Role::Illustrator),
    ("ilustrado por ", Role::Illustrator),
    ("illustrato da ", Role::Illustrator),
    ("narrated by ", Role::Narrator),
    ("read by ", Role::Narrator),
    ("gelesen von ", Role::Narrator),
    ("foreword by ", Role::Foreword),
    ("vorwort von ", Role::Foreword),
    ("photographs by ", Role::Photographer),
];

/// The roles that a text names, if it names nothing else: `ed.`, `Übersetzer`, `Editor, Translator`.
pub(in crate::import) fn roles(text: &str) -> Option<Roles> {
    if text.len() > 80 {
        return None;
    }
    let mut found = Roles::default();
    let text = text.trim();
    if let Some((role, is_plural)) = word(text) {
        found.roles.extend(role);
        found.is_plural = is_plural;
        return Some(found);
    }
    let items = text
        .split([',', ';', '/', '&', '+'])
        .flat_map(|item| item.split(" and "))
        .flat_map(|item| item.split(" und "))
        .flat_map(|item| item.split(" et "))
        .flat_map(|item| item.split(" y "));
    for item in items.map(str::trim).filter(|item| !item.is_empty()) {
        let (role, is_plural) = word(item)?;
        found.is_plural |= is_plural;
        found.roles.extend(role.filter(|role| !found.roles.contains(role)));
    }
    (!found.roles.is_empty()).then_some(found)
}

/// The role that one word names, and whether it speaks of several people; without a role for what is none of the
/// catalogue's business.
fn word(text: &str) -> Option<(Option<Role>, bool)> {
    let key: String = fold(text)
        .chars()
        .filter(|character| character.is_alphanumeric())
        .collect();
    if key.is_empty() {
        return None;
    }
    if NO_ROLES.contains(&key.as_str()) {
        return Some((None, false));
    }
    for (role, words) in &WORDS {
        let (one, several) = words.split_once('|').unwrap_or((words, ""));
        if one.split_ascii_whitespace().any(|word| word == key) {
            return Some((Some(role.clone()), false));
        }
        if several.split_ascii_whitespace().any(|word| word == key) {
            return Some((Some(role.clone()), true));
        }
    }
    None
}

/// Takes off words before a name that name a role.
pub(in crate::import) fn without_leading(text: &str) -> (&str, Option<Role>) {
    let is_long_enough = text.contains(' ');
    for (words, role) in LEADING.iter().filter(|_| is_long_enough) {
        if let Some(start) = text.get(..words.len())
            && (start.eq_ignore_ascii_case(words) || start.to_lowercase() == *words)
        {
            return (text[words.len()..].trim_start(), Some(role.clone()));
        }
    }
    (text, None)
}

/// Takes off roles in brackets at the end; brackets with anything else belong to the name.
pub(super) fn without_brackets(text: &str) -> (&str, Option<Roles>) {
    let mut found: Option<Roles> = None;
    let mut text = text.trim_end();
    while let Some((name, inner)) = last_bracket(text) {
        let Some(more) = roles(inner) else { break };
        let all = found.get_or_insert_with(Roles::default);
        all.is_plural |= more.is_plural;
        all.roles.extend(more.roles.into_iter().rev());
        text = name;
    }
    // They came from the last to the first.
    if let Some(all) = &mut found {
        all.roles.reverse();
    }
    (text, found)
}

/// What comes before the last brackets of a text, and what is in them, if they end it.
pub(super) fn last_bracket(text: &str) -> Option<(&str, &str)> {
    let open = match text.chars().next_back()? {
        ')' => '(',
        ']' => '[',
        '）' => '（',
        _ => return None,
    };
    let at = text.rfind(open)?;
    let last = text.chars().next_back()?.len_utf8();
    Some((text[..at].trim_end(), &text[at + open.len_utf8()..text.len() - last]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_known_in_many_languages() {
        for (text, role) in [
            ("Translator", Role::Translator),
            ("transl.", Role::Translator),
            ("Übers.", Role::Translator),
            ("traductrice", Role::Translator),
            ("переводчик", Role::Translator),
            ("訳", Role::Translator),
            ("Hg.", Role::Editor),
            ("a cura di", Role::Editor),
            ("Sprecherin", Role::Narrator),
            ("préface", Role::Foreword),
            ("Nachwort", Role::Afterword),
            ("fotógrafo", Role::Photographer),
            ("comp.", Role::Compiler),
            ("Adapter", Role::AnotherPart),
        ] {
            assert_eq!(roles(text).map(|found| found.roles), Some(vec![role]), "{text}");
        }
        assert_eq!(roles("musician"), None);
    }

    #[test]
    fn brackets_may_name_several_roles_and_speak_of_several_people() {
        let (name, found) = without_brackets("Ida Fell (Editor, Translator)");
        assert_eq!(
            (name, found.unwrap().roles),
            ("Ida Fell", vec![Role::Editor, Role::Translator])
        );
        assert!(without_brackets("Ida Fell [eds.]").1.unwrap().is_plural);
        assert_eq!(without_brackets("Prince (musician)"), ("Prince (musician)", None));
    }

    #[test]
    fn a_role_may_stand_before_a_name() {
        assert_eq!(
            without_leading("Übersetzt von Ida Fell"),
            ("Ida Fell", Some(Role::Translator))
        );
        assert_eq!(without_leading("Edith Byron"), ("Edith Byron", None));
    }
}
