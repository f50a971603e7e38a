// graphile-worker as its documentation starts it from Node. The task records when it starts, by the clock of Postgres.
import { createServer } from 'node:http'
import { run } from 'graphile-worker'

const stamp = async ({ at }, { query }) => {
  await query('INSERT INTO graphile_stamps (asked, started) VALUES ($1, clock_timestamp())', [at])
}

const runner = await run({
  connectionString: process.env.DATABASE_URL,
  concurrency: 5,
  noHandleSignals: false,
  pollInterval: 1000,
  taskList: { stamp },
})

// The port tells the benchmark that the worker runs.
createServer((_, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1')
await runner.promise
