//! The suite.

mod harness;

mod self_test {
    use crate::harness::*;
    #[tokio::test]
    async fn pg() {
        let t = std::time::Instant::now();
        let a = Database::empty_postgres().await;
        println!("{} {:?}", a.query("select 1"), t.elapsed());
        let t = std::time::Instant::now();
        let _b = Database::empty_postgres().await;
        println!("{:?}", t.elapsed());
        drop(a);
        println!("{:?}", t.elapsed());
    }
    #[tokio::test]
    async fn redis() {
        let r = Redis::shared().await;
        println!("{:?}", r.run(&["SET", "a:{x}", "1"]));
        println!("{:?}", r.keys("a:{x}"));
        let own = Redis::running().await;
        own.freeze();
        own.thaw();
        own.kill();
        own.start().await;
        println!("{:?}", own.keys("*"));
    }
    #[tokio::test]
    async fn hang() {
        let _a = Database::empty_postgres().await;
        let _r = Redis::shared().await;
        if std::path::Path::new("/tmp/hang").exists() {
            tokio::time::sleep(std::time::Duration::from_secs(600)).await;
        }
    }
}
