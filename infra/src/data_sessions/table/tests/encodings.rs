//! Encodings.

use super::*;

const TEXT: &str = "naïve,größe\n1,Zürich\n2,Málaga\n3,Łódź\n";

#[test]
fn utf8_with_and_without_a_mark() {
    for mark in ["", "\u{feff}", "\u{feff}\u{feff}"] {
        let table = read(format!("{mark}{TEXT}"));
        assert_eq!((table.names(), table.rows[2][1].as_str()), (vec!["naïve", "größe"], "Łódź"));
        assert_eq!(read(format!("{mark}\"a\",\"b\"\n1,\"x,y\"\n")).names(), ["a", "b"]);
    }
}

#[test]
fn utf16_with_and_without_a_mark() {
    for big in [false, true] {
        for mark in ["", "\u{feff}"] {
            let table = read(utf16(&format!("{mark}{TEXT}"), big));
            assert_eq!((table.names(), table.rows[2][1].as_str()), (vec!["naïve", "größe"], "Łódź"));
            assert_eq!(table.setting(Setting::Encoding), if big { "utf-16be" } else { "utf-16le" });
            let cjk = read(utf16(&format!("{mark}名前\t年\n山田太郎\t1\n鈴木花子さん\t2\n"), big));
            assert_eq!((cjk.names(), cjk.rows.len()), (vec!["名前", "年"], 2));
        }
    }
}

#[test]
fn legacy_encodings() {
    let latin = b"stra\xdfe,caf\xe9\n1,Z\xfcrich\n2,M\xfcnchen\n3,K\xf6ln\n";
    let table = read(latin);
    assert_eq!((table.names(), table.rows[0][1].as_str()), (vec!["straße", "café"], "Zürich"));
    assert_eq!(table.setting(Setting::Encoding), "windows-1252");
    for (encoding, text) in [
        (encoding_rs::WINDOWS_1251, "имя;город\nПётр;Москва\nИван;Санкт-Петербург\nОльга;Новосибирск\n"),
        (encoding_rs::SHIFT_JIS, "名前,都市\n山田太郎,東京都千代田区\nすずきはなこ,おおさか\n"),
        (encoding_rs::GBK, "姓名,城市\n王小明,北京市海淀区\n李华,上海浦东新区\n张伟,广州\n"),
    ] {
        let (bytes, _, _) = encoding.encode(text);
        let table = read(&*bytes);
        assert_eq!(table.names().join("|"), text.lines().next().unwrap().replace([',', ';'], "|"), "{}", encoding.name());
    }
}

#[test]
fn stray_bytes_in_utf8_are_refused_unless_an_encoding_is_given() {
    let mut bytes = "a,b\nZürich,1\nMünchen,2\n".as_bytes().to_vec();
    bytes.extend_from_slice(b"K\xf6ln,3\n");
    match refusal(&bytes) {
        TableError::MixedEncoding { offset: 26, line: 4, byte: 0xf6, valid: 2, invalid: 1 } => {}
        other => panic!("{other:?}"),
    }
    let read = given(&bytes, OverrideTexts { encoding: Some("latin1"), ..OverrideTexts::default() }).unwrap();
    assert_eq!((read.rows[2][0].as_str(), read.rows[0][0].as_str()), ("Köln", "ZÃ¼rich"));
    assert!(given(&bytes, OverrideTexts { encoding: Some("utf-8"), ..OverrideTexts::default() }).is_err());
}

#[test]
fn a_little_utf8_in_latin1_is_refused() {
    let mut bytes = "a\nZürich\n".as_bytes().to_vec();
    bytes.extend_from_slice(b"K\xf6ln\nM\xfcnchen\nG\xf6ttingen\nL\xfcbeck\n\xdcberlingen\nD\xfcren\n");
    assert!(matches!(refusal(&bytes), TableError::MixedEncoding { valid: 1, invalid: 6, .. }));
}

#[test]
fn a_character_cut_off_at_the_end_is_refused() {
    let bytes = "a\nüber\nköln\nü".as_bytes();
    assert!(matches!(refusal(&bytes[..bytes.len() - 1]), TableError::MixedEncoding { .. }));
}

#[test]
fn late_bytes_count() {
    let mut bytes = b"a,b\n".to_vec();
    for _ in 0..100_000 {
        bytes.extend_from_slice(b"1,plain\n");
    }
    bytes.extend_from_slice("2,Łódź\n".as_bytes());
    assert_eq!(read(&bytes).rows[100_000][1], "Łódź");
}

#[test]
fn unpaired_surrogates_are_refused() {
    let mut bytes = utf16("\u{feff}a,b\n1,", false);
    bytes.extend_from_slice(&[0x00, 0xd8, 0x0a, 0x00]);
    assert!(matches!(refusal(&bytes), TableError::InvalidText { encoding: "UTF-16LE", .. }));
}
