-- The table of the benchmarks: 10 columns, 100,000 rows; and the history table
-- of the programs that the module is compared with.
DROP TABLE IF EXISTS bench, bench_history;
CREATE TABLE bench (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(60) NOT NULL,
  email VARCHAR(80) NOT NULL,
  city VARCHAR(40),
  amount DECIMAL(12,2),
  quantity INT,
  active TINYINT(1) NOT NULL DEFAULT 1,
  created DATETIME,
  note VARCHAR(200),
  code VARCHAR(8),
  UNIQUE KEY email (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE bench_history (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  module VARCHAR(190) NOT NULL,
  record VARCHAR(190) NOT NULL,
  operation VARCHAR(10) NOT NULL,
  label VARCHAR(255) NOT NULL,
  api VARCHAR(190) NOT NULL,
  version INT NOT NULL,
  user VARCHAR(190),
  source VARCHAR(10) NOT NULL,
  request_id VARCHAR(64),
  at DATETIME(6) NOT NULL,
  changes LONGTEXT NOT NULL,
  KEY record (module, record, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO bench (name, email, city, amount, quantity, active, created, note,
                   code)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
SELECT CONCAT('Person Number ', a.i * 1000 + b.i),
       CONCAT('person', a.i * 1000 + b.i, '@example.com'),
       ELT(1 + (a.i + b.i) % 5, 'London', 'Paris', 'Zürich', 'Praha', 'Oslo'),
       (a.i * b.i) % 1000000 / 100, (a.i + b.i) % 500, (a.i + b.i) % 2,
       '2024-01-01' + INTERVAL (a.i * 1000 + b.i) MINUTE,
       CONCAT('A note of some length about person ', b.i, ' of ', a.i),
       CONCAT('C', b.i)
  FROM n a JOIN n b ON a.i <= 100;
