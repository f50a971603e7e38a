//! Concurrent requests through two servers on one database.

use std::future::IntoFuture;

use futures_util::future::join_all;
use harness::ledger_audit::audit;
use harness::{Site, backends};

backends! {
    async fn one_coin_is_spent_once_through_two_servers(site: Site) {
        let (admin, anna, second) = (site.admin().await, site.register("anna").await, site.second_server().await);
        admin.grant(&anna, 1).await;
        let elsewhere = anna.at(&second);
        let responses = join_all((0..100).map(|n| if n % 2 == 0 { anna.try_spend(1) } else { elsewhere.try_spend(1) })).await;
        let count = |status| responses.iter().filter(|response| response.status() == status).count();
        assert_eq!((count(201), count(402)), (1, 99));
        assert_eq!(audit(&anna, 5).await, [1, -1]);
    }

    async fn a_hold_ends_once_however_many_try_through_two_servers(site: Site) {
        let (admin, anna, second) = (site.admin().await, site.register("anna").await, site.second_server().await);
        admin.grant(&anna, 50).await;
        let elsewhere = anna.at(&second);
        for _ in 0..5 {
            let hold = anna.hold(3).await;
            let requests = (0..12).map(|n| {
                let client = if n % 2 == 0 { &*anna } else { &elsewhere };
                if n % 3 == 0 { client.void(hold.id()) } else { client.capture(hold.id(), 2) }.into_future()
            });
            let responses = join_all(requests).await;
            let (ended, refused): (Vec<_>, Vec<_>) = responses.into_iter().partition(|response| response.status() == 200);
            assert_eq!(ended.len(), 1, "{ended:?}");
            for response in refused {
                response.expect(409).problem("hold-finished");
            }
        }
        assert_eq!(anna.coins().await[1], 0);
        audit(&anna, 20).await;
    }
}
