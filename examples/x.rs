use clap::Parser;
#[derive(Parser)]
struct A {
    #[command(flatten)]
    a: chimein::cli::explain::Args,
}
fn main() {
    let a = A::parse();
    let c = chimein::cli::explain::run(&a.a, &mut std::io::stdout()).unwrap();
    println!("exit {c}");
}
