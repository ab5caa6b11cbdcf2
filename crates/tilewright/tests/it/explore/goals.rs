//! What designs are compared by, and what they must keep to.

use tilewright::explore::{Better, Bound, Figures, Goal, Limit, MEASURES, Recognition};

const PRICED: Figures = Figures {
    crossbars: 59,
    area_mm2: 17.5,
    energy_uj: 100.0,
    latency_ms: 2.0,
    interval_ms: 0.5,
    power_mw: 85.0,
    gap_millionths: None,
    kernel_loss: None,
    recognition: None,
};
const FIGURES: Figures = PRICED.recognising(Recognition::new(90.0, 92.0));

fn goal(text: &str) -> Goal {
    text.parse().expect("a goal")
}

fn limit(text: &str) -> Limit {
    text.parse().expect("a limit")
}

fn refused<T: std::str::FromStr<Err = impl std::fmt::Display>>(text: &str) -> String {
    text.parse::<T>().err().expect("an error").to_string()
}

#[test]
fn goals_have_values_units_and_a_direction() {
    let cases = [
        ("area", 17.5, "mm²"),
        ("throughput", 2000.0, "images/s"),
        ("crossbars", 59.0, ""),
        ("area*latency", 35.0, "mm²·ms"),
        ("rate", 90.0, "%"),
        ("rate-lost", 2.0, "points"),
        ("area*rate_lost", 35.0, "mm²·points"),
    ];
    for (text, value, unit) in cases {
        assert_eq!((goal(text).of(&FIGURES), goal(text).unit()), (Some(value), unit.into()), "{text}");
        assert_eq!(goal(text).of(&PRICED).is_none(), text.contains("rate"), "{text}");
        assert_eq!(goal(text).to_string(), text.replace('_', "-"));
    }
    assert_eq!(goal("throughput").to_minimize(&FIGURES), Some(-2000.0));
    assert_eq!(Recognition::new(92.5, 92.0).lost_points(), 0.0, "what is gained is chance");
    assert!(goal("area").that_is(Better::Less).is_ok());
    let error = goal("throughput").that_is(Better::Less).expect_err("more is better").to_string();
    assert!(error.contains("maximize it"), "{error}");
}

#[test]
fn every_measure_says_what_it_is() {
    for measure in &MEASURES {
        let figures = Figures { kernel_loss: Some(0.5), ..FIGURES };
        assert!(measure.sentence.ends_with('.') && measure.of(&figures) > Some(0.0), "{}", measure.name);
        assert_eq!(measure.of(&FIGURES).is_none(), measure.is_planned(), "{}", measure.name);
    }
}

#[test]
fn limits_are_kept_or_not() {
    for (text, kept) in [
        ("area <= 17.5 mm2", true),
        ("area<=17.4", false),
        ("throughput >= 2e3 images/s", true),
        ("power <= 84.9 mW", false),
        ("area*latency <= 35 mm2*ms", true),
        ("rate >= 90 %", true),
        ("rate>=91", false),
        ("rate_lost <= 1.5 points", false),
    ] {
        assert_eq!(limit(text).kept(&FIGURES), kept, "{text}");
        assert!(!text.contains("rate") || limit(text).kept(&PRICED), "{text}: it is not known yet");
    }
    assert_eq!(limit("area <= 10 mm2").missed_by(&FIGURES), 0.75);
    assert_eq!(limit("throughput >= 4000").missed_by(&FIGURES), 0.5);
    assert_eq!(limit("area <= 17.5").missed_by(&FIGURES) + limit("rate >= 99").missed_by(&PRICED), 0.0);
    assert_eq!(limit("area <= 20 mm2").bound, Bound::AtMost);
    assert_eq!(limit("area <= 20 mm2").to_string(), "area <= 20 mm²");
    assert!(limit("area <= 20").contradicts(&limit("area >= 21")));
    assert!(!limit("area <= 20").contradicts(&limit("area >= 20")));
    assert!(!limit("area <= 20").contradicts(&limit("energy >= 21")));
}

#[test]
fn what_is_no_goal_and_no_limit_is_refused_with_an_offer() {
    assert!(refused::<Goal>("aera").contains("did you mean area?"));
    assert!(refused::<Goal>("area*throughput").contains("multiplies"));
    assert!(refused::<Goal>("").contains("area, energy"));
    for (text, part) in [
        ("area < 20", "neither <= nor >="),
        ("area <= 20 ms", "in mm2, not in ms"),
        ("area <= large", "does not begin with a number"),
        ("area <= 1e999", "not finite"),
        ("size <= 1", "\"size\" is not one"),
    ] {
        assert!(refused::<Limit>(text).contains(part), "{text}: {}", refused::<Limit>(text));
    }
}
