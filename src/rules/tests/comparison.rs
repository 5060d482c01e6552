//! How text is compared, as tables: a keyword, a text, and what of the text is found ("" for nothing).
//!
//! Written so that a linguist can read and correct them.

use super::{heard, one};

/// A keyword, a text, what is found in it.
type Row = (&'static str, &'static str, &'static str);

fn check(options: &str, rows: &[Row]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(keyword, text, expected)| {
            let found = heard(&one(keyword, options), text).unwrap_or_default();
            (found != *expected).then(|| format!("{keyword:?} in {text:?}: {found:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_word_is_found_as_a_word() {
    check(
        "",
        &[
            ("pizza", "pizza", "pizza"),
            ("pizza", "Hey! Where is my PIZZA?", "PIZZA"),
            ("pizza", "PIZZA!!!", "PIZZA"),
            ("pizza", "the pizza's cold", "pizza"),
            ("pizza", "pizza-hut", "pizza"),
            ("pizza", "(pizza)", "pizza"),
            ("pizza", "pizza_hut", "pizza"),
            ("pizza", "pizzas", ""),
            ("pizza", "PizzaHut", ""),
            ("pizza", "superpizza", ""),
            ("pizza", "pizza2", ""),
            ("pizza", "pizza²", ""),
            ("pizza", "pizzas and a pizza", "pizza"),
            ("Pizza", "pizza", "pizza"),
            ("pizza hut", "the pizza  \t\n hut", "pizza  \t\n hut"),
            ("  pizza   hut ", "pizza hut", "pizza hut"),
            ("pizza hut", "pizza\u{a0}hut", "pizza\u{a0}hut"),
            ("pizza hut", "pizzahut", ""),
            ("24/7", "open 24/7?", "24/7"),
            ("24/7", "124/7", ""),
        ],
    );
}

#[test]
fn a_border_is_asked_for_only_at_letters_and_digits() {
    check(
        "",
        &[
            ("c++", "I know c++", "c++"),
            ("c++", "c++17", "c++"),
            ("c++", "abc++", ""),
            (".net", "asp.net", ".net"),
            (".net", ".network", ""),
            ("$", "costs 5$each", "$"),
            ("!!!", "what!!!!", "!!!"),
            ("😀", "hi😀there", "😀"),
            ("👍", "ok👍🏽", "👍"),
            ("👍🏽", "ok👍🏽", "👍🏽"),
            ("👍🏽", "ok👍", ""),
        ],
    );
}

#[test]
fn a_star_is_a_wildcard_inside_a_word() {
    check(
        "",
        &[
            ("pizza*", "PizzaHut!", "PizzaHut"),
            ("pizza*", "pizza", "pizza"),
            ("pizza*", "two pizzas please", "pizzas"),
            ("pizza*", "superpizzas", ""),
            ("*pizza", "superpizza", "superpizza"),
            ("*pizza", "pizza", "pizza"),
            ("*pizza", "pizzas", ""),
            ("*pizza*", "superpizzas", "superpizzas"),
            ("p*a", "a pizza!", "pizza"),
            ("p*a", "papa", "papa"),
            ("p*a", "pizzas", ""),
            ("p*a", "p a", ""),
            ("p*a", "p-a", ""),
            ("p**a", "pizza", "pizza"),
            ("order* pizza*", "I ordered pizzas", "ordered pizzas"),
            ("caf*", "CAFÉTERIA", "CAFÉTERIA"),
            ("café*", "cafeteria", ""),
            ("＊wow＊", "*wow*", "*wow*"),
            ("＊wow＊", "wow", ""),
            ("*", "anything at all", "anything at all"),
        ],
    );
}

#[test]
fn the_other_ways_to_match() {
    check(
        "match = \"contains\"",
        &[
            ("pizza", "superpizzas", "pizza"),
            ("pizza hut", "xpizza  hutx", "pizza  hut"),
            ("strass", "Hauptstraße", "straß"),
            ("z*a", "pizzas", "zza"),
        ],
    );
    check(
        "match = \"exact\"",
        &[
            ("pizza", "  PIZZA \n", "PIZZA"),
            ("pizza", "pizza!", ""),
            ("pizza", "a pizza", ""),
            ("pizza*", "pizzas", "pizzas"),
            ("pizza*", "pizzas now", ""),
        ],
    );
    check(
        "match = \"starts_with\"",
        &[
            ("pizza", " Pizza, please", "Pizza"),
            ("pizza", "pizzas please", ""),
            ("pizza", "a pizza", ""),
            ("pizza*", "pizzas please", "pizzas"),
            ("pizza*", "my pizzas", ""),
        ],
    );
    check(
        "match = \"ends_with\"",
        &[
            ("pizza", "a pizza ", "pizza"),
            ("pizza", "a pizza!", ""),
            ("pizza", "superpizza", ""),
            ("*pizza", "my superpizza", "superpizza"),
            ("pizza?", "where is my pizza?", "pizza?"),
        ],
    );
    check("case_sensitive = true", &[("US", "the US", "US"), ("US", "give us", ""), ("us", "US", "")]);
    check(
        "case_sensitive = true",
        &[("Cafe", "Café", "Café"), ("Café", "Cafe", ""), ("ＵＳ", "US", "US"), ("straße", "strasse", "")],
    );
}

#[test]
fn a_keyword_without_accents_finds_accented_text_and_not_the_reverse() {
    check(
        "",
        &[
            ("cafe", "Café", "Café"),
            ("cafe", "CAFE\u{301}!", "CAFE\u{301}"),
            ("café", "cafe\u{301}", "cafe\u{301}"),
            ("cafe\u{301}", "CAFÉ", "CAFÉ"),
            ("café", "cafe", ""),
            ("café", "cafè", ""),
            ("resumé", "résumé", "résumé"),
            ("résumé", "resumé", ""),
            ("uber", "Über", "Über"),
            ("senor", "SEÑOR", "SEÑOR"),
            ("viet nam", "Việt Nam", "Việt Nam"),
            ("viêt", "việt", "việt"),
            ("việt", "viêt", ""),
            ("việt", "vie\u{302}\u{323}t", "vie\u{302}\u{323}t"),
            ("lodz", "Łódź", "Łódź"),
            ("łódź", "lodz", ""),
            ("smorrebrod", "smørrebrød", "smørrebrød"),
            ("καφες", "ΚΑΦΈΣ", "ΚΑΦΈΣ"),
            ("καφές", "καφες", ""),
            ("все", "всё", "всё"),
            ("всё", "все", ""),
            ("шалом", "шалом", "шалом"),
            ("שלום", "שָׁלוֹם", "שָׁלוֹם"),
            ("مرحبا", "مَرْحَبًا", "مَرْحَبًا"),
            ("مَرحبا", "مرحبا", ""),
            ("1", "press 1️⃣ now", "1️⃣"),
        ],
    );
}

#[test]
fn marks_that_make_another_word_are_no_accents() {
    check(
        "",
        &[
            ("мои", "мой", ""),
            ("мой", "МОЙ", "МОЙ"),
            ("мой", "мои\u{306}", "мои\u{306}"),
            ("はな", "ばな", ""),
            ("か", "が", ""),
            ("が", "か\u{3099}", "か\u{3099}"),
            ("क", "की", ""),
            ("पिज़्ज़ा", "मेरा पिज़्ज़ा कहाँ है", "पिज़्ज़ा"),
            ("पिज़्ज़ा", "पिज़्ज़ाघर", ""),
            ("ที", "ที่", ""),
            ("=", "a ≠ b", ""),
        ],
    );
}

#[test]
fn case_is_folded_in_full() {
    check(
        "",
        &[
            ("strasse", "Straße", "Straße"),
            ("straße", "STRASSE", "STRASSE"),
            ("STRAẞE", "strasse", "strasse"),
            ("groß", "GROẞ", "GROẞ"),
            ("οδος", "ΟΔΟΣ", "ΟΔΟΣ"),
            ("istanbul", "İSTANBUL", "İSTANBUL"),
            ("İstanbul", "istanbul", "istanbul"),
            ("İstanbul", "ISTANBUL", "ISTANBUL"),
            ("kapi", "kapı", "kapı"),
            ("kapı", "KAPI", "KAPI"),
            ("kapı", "kapi", ""),
            ("kapi", "KAPI", "KAPI"),
            ("привет", "ПРИВЕТ", "ПРИВЕТ"),
            ("ŉ", "ʼn", "ʼn"),
            ("ᏸ", "Ᏸ", "Ᏸ"),
        ],
    );
}

#[test]
fn look_alikes_of_the_keyboard_are_the_same() {
    check(
        "",
        &[
            ("pizza", "ｐｉｚｚａ", "ｐｉｚｚａ"),
            ("ピザ", "ﾋﾟｻﾞ", "ﾋﾟｻﾞ"),
            ("office", "oﬃce", "oﬃce"),
            ("ffi", "oﬃce", ""),
            ("5 km", "5 ㎞", "5 ㎞"),
            ("kg", "㎏", "㎏"),
            ("pizza", "𝓹𝓲𝔃𝔃𝓪", "𝓹𝓲𝔃𝔃𝓪"),
            ("...", "wait…", "…"),
            ("where's", "where’s it", "where’s"),
            ("e-mail", "e‑mail", "e‑mail"),
        ],
    );
}

#[test]
fn what_cannot_be_seen_is_not_there() {
    check(
        "",
        &[
            ("pizza", "pi\u{200b}z\u{ad}za", "pi\u{200b}z\u{ad}za"),
            ("pizza", "\u{feff}pizza\u{200e}", "pizza"),
            ("pi\u{200d}zza", "pizza", "pizza"),
            ("café", "cafe\u{200d}\u{301}", "cafe\u{200d}\u{301}"),
            ("❤", "I ❤️ it", "❤"),
            ("❤️", "I ❤ it", "❤"),
            ("👨‍👩‍👧", "the 👨‍👩‍👧", "👨‍👩‍👧"),
            ("👩", "👨‍👩‍👧", "👩"),
        ],
    );
}

#[test]
fn scripts_without_spaces_need_no_border() {
    check(
        "",
        &[
            ("披萨", "我要披萨吧", "披萨"),
            ("pizza", "我要pizza吧", "pizza"),
            ("pizza", "我要pizzas吧", ""),
            ("寿司", "お寿司が好き", "寿司"),
            ("ピザ", "ピザハット", "ピザ"),
            ("コーヒ", "コーヒー", "コーヒ"),
            ("พิซซ่า", "อยากกินพิซซ่ามาก", "พิซซ่า"),
            ("ဈေး", "ဈေးဘယ်လောက်လဲ", "ဈေး"),
            ("3", "第3章", "3"),
        ],
    );
}

#[test]
fn a_korean_word_may_carry_particles() {
    check(
        "",
        &[
            ("피자", "피자", "피자"),
            ("피자", "피자를 주세요", "피자"),
            ("피자", "피자에서는요?", "피자"),
            ("피자", "피자ㅋㅋㅋ", "피자"),
            ("피자", "피자는ㅠㅠ", "피자"),
            ("피자", "\u{1111}\u{1175}\u{110c}\u{1161}가", "\u{1111}\u{1175}\u{110c}\u{1161}"),
            ("피자", "피자집", ""),
            ("피자", "우리피자", ""),
            ("pizza", "pizza를 주세요", "pizza"),
            ("하", "한", ""),
            ("ㅋㅋ*", "ㅋㅋㅋㅋ", "ㅋㅋㅋㅋ"),
        ],
    );
}

#[test]
fn addresses_are_not_searched() {
    check(
        "match = \"contains\"",
        &[
            ("pizza", "https://pizza.example/pizza?a=pizza#pizza", ""),
            ("pizza", "see www.pizza.com.", ""),
            ("pizza", "pizza@example.com", ""),
            ("pizza", "me@pizza.example.com", ""),
            ("pizza", "https://x.example/ pizza", "pizza"),
            ("pizza", "(https://x.example/)pizza", ""),
            ("pizza", "pizza.com", "pizza"),
            ("pizza", "pizza@7.30", "pizza"),
            ("pizza", "@pizza", "pizza"),
            ("pizza", "联系me@x.com吃pizza", "pizza"),
            ("p*a", "https://pizza.example pasta", "pasta"),
        ],
    );
}
