//! The names of ONIX's tags in words, by their short ones. Groups have the same name in small letters.

use colophon_xml::{Element, Node};

/// The tags that are read, and the groups that are named in the report.
const SHORT: [(&str, &str); 76] = [
    ("a001", "RecordReference"),
    ("a002", "NotificationType"),
    ("a194", "RecordSourceType"),
    ("a197", "RecordSourceName"),
    ("b003", "PublicationDate"),
    ("b012", "ProductForm"),
    ("b014", "ProductFormDescription"),
    ("b018", "TitleOfSeries"),
    ("b019", "NumberWithinSeries"),
    ("b020", "YearOfAnnual"),
    ("b028", "DistinctiveTitle"),
    ("b029", "Subtitle"),
    ("b030", "TitlePrefix"),
    ("b031", "TitleWithoutPrefix"),
    ("b034", "SequenceNumber"),
    ("b035", "ContributorRole"),
    ("b036", "PersonName"),
    ("b037", "PersonNameInverted"),
    ("b039", "NamesBeforeKey"),
    ("b040", "KeyNames"),
    ("b041", "NamesAfterKey"),
    ("b044", "BiographicalNote"),
    ("b047", "CorporateName"),
    ("b049", "ContributorStatement"),
    ("b056", "EditionTypeCode"),
    ("b057", "EditionNumber"),
    ("b058", "EditionStatement"),
    ("b059", "LanguageOfText"),
    ("b060", "OriginalLanguage"),
    ("b061", "NumberOfPages"),
    ("b064", "BASICMainSubject"),
    ("b065", "BICMainSubject"),
    ("b067", "SubjectSchemeIdentifier"),
    ("b069", "SubjectCode"),
    ("b070", "SubjectHeadingText"),
    ("b073", "AudienceCode"),
    ("b079", "ImprintName"),
    ("b081", "PublisherName"),
    ("b083", "CountryOfPublication"),
    ("b087", "CopyrightYear"),
    ("b088", "YearFirstPublished"),
    ("b191", "MainSubjectSchemeIdentifier"),
    ("b202", "TitleType"),
    ("b203", "TitleText"),
    ("b209", "CityOfPublication"),
    ("b218", "ExtentType"),
    ("b219", "ExtentValue"),
    ("b220", "ExtentUnit"),
    ("b221", "ProductIDType"),
    ("b233", "IDTypeName"),
    ("b244", "IDValue"),
    ("b246", "Barcode"),
    ("b247", "PrefixToKey"),
    ("b248", "SuffixToKey"),
    ("b252", "LanguageCode"),
    ("b253", "LanguageRole"),
    ("b255", "PagesRoman"),
    ("b291", "PublishingRole"),
    ("b305", "PersonDateRole"),
    ("b306", "Date"),
    ("b333", "ProductFormDetail"),
    ("b367", "WebsiteRole"),
    ("b394", "PublishingStatus"),
    ("d100", "Annotation"),
    ("d101", "MainDescription"),
    ("d102", "TextTypeCode"),
    ("d104", "Text"),
    ("n338", "NoSeries"),
    ("n339", "NoContributor"),
    ("n386", "NoEdition"),
    ("x314", "ProductComposition"),
    ("x409", "TitleElementLevel"),
    ("x410", "PartNumber"),
    ("x417", "ContributorDateRole"),
    ("x426", "TextType"),
    ("x448", "PublishingDateRole"),
];

/// The groups, which are the same but for their letters.
const GROUPS: [&str; 36] = [
    "Product",
    "ProductIdentifier",
    "DescriptiveDetail",
    "CollateralDetail",
    "PublishingDetail",
    "RelatedMaterial",
    "ContentDetail",
    "PromotionDetail",
    "ProductSupply",
    "Title",
    "TitleDetail",
    "TitleElement",
    "Series",
    "Collection",
    "Contributor",
    "ContributorDate",
    "PersonDate",
    "Language",
    "Extent",
    "Subject",
    "MainSubject",
    "Audience",
    "AudienceRange",
    "OtherText",
    "TextContent",
    "Imprint",
    "Publisher",
    "PublishingDate",
    "CopyrightStatement",
    "MediaFile",
    "Measure",
    "SalesRights",
    "SupplyDetail",
    "RelatedProduct",
    "Website",
    "WorkIdentifier",
];

/// Gives an element and all in it their names in words.
pub(super) fn in_words(element: &mut Element) {
    let short = SHORT.iter().find(|(short, _)| *short == element.name);
    let group = || {
        GROUPS
            .iter()
            .find(|group| group.eq_ignore_ascii_case(&element.name))
            .copied()
    };
    if let Some(name) = short.map(|(_, name)| *name).or_else(group) {
        name.clone_into(&mut element.name);
    }
    for node in &mut element.nodes {
        if let Node::Element(inner) = node {
            in_words(inner);
        }
    }
}
