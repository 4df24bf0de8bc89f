//! Workbooks before a second reader: needs LibreOffice, which most machines that build have not.
#![expect(clippy::expect_used, reason = "a test ends where its assumption does")]

#[expect(dead_code, reason = "it is the support of the command line's own suite")]
#[path = "../command_line/command.rs"]
mod command;
#[expect(dead_code, unreachable_pub, reason = "it is the support of the other suites as well")]
#[path = "../support/ending.rs"]
mod ending;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::Colophon;

/// LibreOffice finds in a workbook what is in the catalogue, and what it makes of it comes in again.
#[test]
fn libreoffice_opens_an_export_with_accents_isbns_and_zeros_intact() {
    let colophon = Colophon::new();
    colophon.file(
        "in.csv",
        "title,author,isbn,shelf_mark,notes,published_year\n=1+1,Ben Orr,9780306406157,0012,\"one\ntwo\",1998\nGröße 草枕,\"Änne Löw\",0140449132,+1/2,,-720\n",
    );
    colophon.run(["import", "in.csv"]).expect_code(0);
    colophon.run(["export", "out.xlsx"]).expect_code(0);
    let written = colophon.run(["export", "-", "--format", "csv"]).stdout;
    // Commas, quotation marks and UTF-8, as shown, only the sheet that is active.
    let as_csv = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,0";
    for kind in [as_csv, "ods", "xls"] {
        let file = made_by_libreoffice(&colophon.path("out.xlsx"), kind);
        let other = Colophon::new();
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        other.file(&name, std::fs::read(&file).unwrap());
        other.run(["import", &name]).expect_code(0);
        assert_eq!(other.run(["export", "-", "--format", "csv"]).stdout, written, "{kind}");
    }
}

/// A workbook as LibreOffice writes it in another format.
fn made_by_libreoffice(workbook: &Path, kind: &str) -> PathBuf {
    let beside = workbook.with_file_name("libreoffice");
    let profile = format!("-env:UserInstallation=file://{}", beside.join("profile").display());
    let mut convert = Command::new("soffice");
    convert
        .args(["--headless", profile.as_str(), "--convert-to", kind, "--outdir"])
        .args([beside.as_path(), workbook]);
    let run = ending::output(&mut convert).expect("LibreOffice is installed, and ends");
    let extension = kind.split(':').next().unwrap_or(kind);
    let made = beside.join("out").with_extension(extension);
    assert!(made.is_file(), "{run:?}");
    made
}
