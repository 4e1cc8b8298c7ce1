// The benchmarks' operations with Fastify and mysql2, prepared statements and
// two worker processes: what a Node programmer would write.
import cluster from 'node:cluster';
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import fastify from 'fastify';
import mysql from 'mysql2/promise';

const columns = 'id, name, email, city, amount, quantity, active, created, note, code';
const insertHistory = `INSERT INTO bench_history (module, record, operation, label, api, version, user,
  source, request_id, at, changes) VALUES ('Bench', ?, ?, 'API Designer', ?, 1, 'bench', 'api', ?, NOW(6), ?)`;

if (cluster.isPrimary) {
  for (let i = 0; i < 2; i++) cluster.fork();
  process.on('SIGTERM', () => process.exit(0));
} else {
  const pool = mysql.createPool({
    socketPath: process.env.BENCH_SOCKET, user: 'root', database: process.env.BENCH_DB,
    connectionLimit: 8, charset: 'utf8mb4', timezone: 'Z',
  });
  const wanted = Buffer.from(process.env.BENCH_KEY_HASH, 'hex');
  const app = fastify();

  app.addHook('onRequest', async (request, reply) => {
    const given = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64');
    if (!timingSafeEqual(createHash('sha256').update(given).digest(), wanted))
      return reply.code(401).send();
  });

  const transaction = async (work) => {
    const db = await pool.getConnection();
    try {
      await db.beginTransaction();
      const result = await work(db);
      await db.commit();
      return result;
    } catch (error) {
      await db.rollback();
      throw error;
    } finally {
      db.release();
    }
  };
  const change = (operation, by, set) => (request) => transaction(async (db) => {
    const input = request.body;
    const [[before]] = await db.execute(`SELECT ${columns} FROM bench WHERE ${by} = ? FOR UPDATE`, [input[by]]);
    const changes = set.filter((name) => String(before[name]) !== String(input[name]))
      .map((field) => ({ field, old: before[field], new: input[field] }));
    if (changes.length) {
      await db.execute(`UPDATE bench SET ${set.map((n) => `${n} = ?`)} WHERE id = ?`,
        [...set.map((n) => input[n]), before.id]);
      await db.execute(insertHistory, [String(before.id), operation, operation, randomUUID(), JSON.stringify(changes)]);
    }
    const [rows] = await db.execute(`SELECT ${columns} FROM bench WHERE id = ?`, [before.id]);
    return rows;
  });

  app.get('/one/:id', async (request, reply) => {
    const [[row]] = await pool.execute(`SELECT ${columns} FROM bench WHERE id = ?`, [Number(request.params.id)]);
    return row ?? reply.code(404).send({ code: 'RECORD_NOT_FOUND' });
  });
  app.get('/list', async (request) => {
    const [rows] = await pool.execute(`SELECT ${columns} FROM bench WHERE id >= ? ORDER BY id LIMIT ?`,
      [Number(request.query.from), String(Number(request.query.max))]);
    return rows;
  });
  app.post('/create', (request, reply) => transaction(async (db) => {
    const { name, email, city, amount } = request.body;
    const [made] = await db.execute('INSERT INTO bench (name, email, city, amount) VALUES (?, ?, ?, ?)',
      [name, email, city, amount]);
    const changes = Object.entries(request.body).map(([field, value]) => ({ field, old: null, new: value }));
    await db.execute(insertHistory, [String(made.insertId), 'create', 'create', randomUUID(), JSON.stringify(changes)]);
    reply.code(201);
    return { id: made.insertId, ...request.body };
  }));
  app.post('/update', change('update', 'id', ['quantity', 'note']));
  app.post('/upsert', change('upsert', 'email', ['name', 'quantity']));
  await app.listen({ host: '127.0.0.1', port: Number(process.env.BENCH_PORT) });
}
