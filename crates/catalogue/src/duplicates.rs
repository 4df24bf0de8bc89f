//! Which records look as if they were in the catalogue twice.
//!
//! Two books do if their titles are the same but for an article, and their authors are one or look the same; or if a
//! service calls both by one identifier. Nothing that tells editions apart may differ where both say something
//! ([`crate::agreement`]): another ISBN, year, language, edition or format is another edition. Two people do if a form
//! of one's name is a form of the other's, whichever part of it comes first and wherever it has spaces; if one has
//! initials where the other has given names; or if a service calls both by one identifier. Their dates must not differ,
//! nor what one service calls them.
//!
//! Whoever has said of two that they are not the same is not asked again: that is a settled conflict, and reaches every
//! device ([`crate::conflict`]).
//!
//! The rules are statements of SQLite's, because they are asked about all records at once.

use colophon_store::Sql;

use crate::agreement::{OF_BOOKS, OF_PEOPLE, and_agree};

/// A condition on a row of `book`: there is another that looks the same.
pub(crate) fn of_books_exist() -> Sql {
    exist(&books())
}

/// A condition on a row of `author`: there is another who looks the same.
pub(crate) fn of_people_exist() -> Sql {
    exist(&people())
}

fn exist(pairs: &Sql) -> Sql {
    let mut sql = Sql::new("id IN (WITH pair(one,two) AS MATERIALIZED (");
    sql.append(pairs);
    sql.push(") SELECT one FROM pair UNION ALL SELECT two FROM pair)");
    sql
}

/// The pairs of books that look the same, the one with the smaller id first.
pub(crate) fn books() -> Sql {
    let mut sql = Sql::new(
        "SELECT one.id,two.id FROM book AS one JOIN book AS two ON two.sort_key=one.sort_key AND two.id>one.id
        WHERE one.sort_key IN (SELECT sort_key FROM book WHERE sort_key<>'' GROUP BY sort_key HAVING count(*)>1)
        AND coalesce(folded_book(one.subtitle)=folded_book(two.subtitle),1)",
    );
    and_agree(&mut sql, "one", "two", &OF_BOOKS);
    sql.push(
        " AND (one.author_id IS two.author_id
             OR EXISTS(SELECT 1 FROM author AS who JOIN author AS whom ON whom.name_key=who.name_key OR whom.sort_key=who.sort_key
                       WHERE who.id=one.author_id AND whom.id=two.author_id",
    );
    and_agree(&mut sql, "who", "whom", &OF_PEOPLE);
    sql.push("))");
    and_not_kept_apart(&mut sql);
    sql.push(
        " UNION SELECT one.id,two.id FROM identifier AS here
            JOIN identifier AS there ON there.value=here.value AND there.scheme=here.scheme AND there.book_id>here.book_id
            JOIN book AS one ON one.id=here.book_id JOIN book AS two ON two.id=there.book_id
        WHERE here.scheme<>'other'",
    );
    and_agree(&mut sql, "one", "two", &OF_BOOKS);
    and_not_kept_apart(&mut sql);
    sql
}

/// The pairs of people who look the same, the one with the smaller id first.
pub(crate) fn people() -> Sql {
    // A name is compared without its spaces, as it is and as it is sorted: "Le Guin, Ursula K." is "Ursula K. LeGuin". A
    // sort key has two spaces between the family name and the given names.
    let mut sql = Sql::new(
        "WITH form(id,said) AS MATERIALIZED (
            SELECT id,replace(sort_key,' ','') FROM author WHERE sort_key<>''
            UNION SELECT id,replace(name_key,' ','') FROM author WHERE name_key<>''
            UNION SELECT author_id,replace(name_key,' ','') FROM author_name WHERE name_key<>''),
        parted(id,family,given) AS (
            SELECT id,substr(sort_key,1,instr(sort_key,'  ')-1),substr(sort_key,instr(sort_key,'  ')+2) FROM author
            WHERE instr(sort_key,'  ')>1),
        second(id,family,given,rest) AS (SELECT id,family,given,substr(given,instr(given||' ',' ')+1) FROM parted),
        third(id,family,given,rest,tail) AS (
            SELECT id,family,given,rest,substr(rest,instr(rest||' ',' ')+1) FROM second),
        called(id,begins,given,initials) AS MATERIALIZED (
            SELECT id,family||'  '||substr(given,1,1),given,substr(given,1,1)||substr(rest,1,1)||substr(tail,1,1) FROM third),
        pair(one,two) AS (
            SELECT here.id,there.id FROM form AS here JOIN form AS there ON there.said=here.said AND there.id>here.id
            UNION SELECT min(short.id,whole.id),max(short.id,whole.id)
            FROM called AS short JOIN called AS whole ON whole.begins=short.begins AND length(whole.given)>length(short.given)
            WHERE replace(short.given,' ','')=whole.initials
               OR length(short.given)>1 AND substr(whole.given,1,length(short.given)+1)=short.given||' '
                  AND substr(whole.given,length(short.given)+2) NOT IN ('jr','sr','ii','iii','iv')
            UNION SELECT here.author_id,there.author_id FROM identifier AS here
            JOIN identifier AS there ON there.value=here.value AND there.scheme=here.scheme AND there.author_id>here.author_id
            WHERE here.scheme<>'other')
        SELECT one.id,two.id FROM pair JOIN author AS one ON one.id=pair.one JOIN author AS two ON two.id=pair.two
        WHERE (NOT EXISTS(SELECT 1 FROM identifier AS here JOIN identifier AS there ON there.scheme=here.scheme
                          WHERE here.author_id=one.id AND there.author_id=two.id AND here.scheme<>'other')
               OR EXISTS(SELECT 1 FROM identifier AS here JOIN identifier AS there ON there.scheme=here.scheme AND there.value=here.value
                         WHERE here.author_id=one.id AND there.author_id=two.id))",
    );
    and_agree(&mut sql, "one", "two", &OF_PEOPLE);
    and_not_kept_apart(&mut sql);
    sql
}

/// Nobody has said that these two are not the same.
fn and_not_kept_apart(sql: &mut Sql) {
    sql.push(
        " AND NOT EXISTS(SELECT 1 FROM conflict WHERE settlement='keep' AND kind IN ('same_record','same_value')
            AND (record_id=two.id AND holder=one.id OR record_id=one.id AND holder=two.id))",
    );
}
