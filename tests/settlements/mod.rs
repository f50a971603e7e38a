//! The job checker: is each job that was enqueued settled once, with its effect, while servers, workers, Postgres and Redis fail?
//!
//! * [`users`]: users who have forgotten their passwords; [`caller`]: a client that asks for their links
//! * [`deployment`]: servers and workers that are killed and restarted; [`trial`]: one run; [`statistics`]: its counts
//! * [`failure_log`]: when processes were killed and Postgres was down
//! * [`records`]: the jobs, their attempts and the kept mails at the end; [`judge`]: whether they agree with the responses
//! * [`recovery`]: how soon the jobs of a killed process ran again
//!
//! Without a mail server a mail is kept as a row whose primary key is the id of its job: the effect of the job, committed with its
//! success. Each user is asked for once, so an acknowledged request makes one job and one mail. A request without an acknowledgement
//! may have made one or none.
//!
//! The suite has short runs. `scripts/jobs` has a long one.

pub mod caller;
pub mod deployment;
pub mod failure_log;
pub mod judge;
pub mod records;
pub mod recovery;
pub mod statistics;
pub mod trial;
pub mod users;
