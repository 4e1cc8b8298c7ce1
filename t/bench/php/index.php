<?php
// The benchmarks' operations as a careful person writes them by hand with PDO:
// persistent connection, native prepared statements, Basic auth by a hash.
$user = $_SERVER['PHP_AUTH_USER'] ?? '';
$key = $_SERVER['PHP_AUTH_PW'] ?? '';
if (!hash_equals(getenv('BENCH_KEY_HASH') ?: '', hash('sha256', "$user:$key"))) {
    http_response_code(401);
    exit;
}
$db = new PDO('mysql:unix_socket=' . getenv('BENCH_SOCKET') . ';dbname='
    . getenv('BENCH_DB') . ';charset=utf8mb4', 'root', '', [
    PDO::ATTR_PERSISTENT => true,
    PDO::ATTR_EMULATE_PREPARES => false,
    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
    PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
]);
header('Content-Type: application/json');
$columns = 'id, name, email, city, amount, quantity, active, created, note, code';

function history(PDO $db, string $id, string $operation, array $changes): void
{
    global $user;
    $db->prepare('INSERT INTO bench_history (module, record, operation, label, api, version, user,'
        . " source, request_id, at, changes) VALUES ('Bench', ?, ?, 'API Designer', ?, 1, ?, 'api', ?,"
        . ' NOW(6), ?)')
        ->execute([$id, $operation, $operation, $user, bin2hex(random_bytes(16)), json_encode($changes)]);
}

function change(PDO $db, string $operation, string $by, array $in, array $set): array
{
    global $columns;
    $db->beginTransaction();
    $find = $db->prepare("SELECT $columns FROM bench WHERE $by = ? FOR UPDATE");
    $find->execute([$in[$by]]);
    $row = $find->fetch();
    $changes = [];
    foreach ($set as $name)
        if ((string)$row[$name] !== (string)$in[$name])
            $changes[] = ['field' => $name, 'old' => $row[$name], 'new' => $in[$name]];
    if ($changes) {
        $db->prepare('UPDATE bench SET ' . implode(', ', array_map(fn ($n) => "$n = ?", $set))
            . ' WHERE id = ?')->execute([...array_map(fn ($n) => $in[$n], $set), $row['id']]);
        history($db, (string)$row['id'], $operation, $changes);
    }
    $find = $db->prepare("SELECT $columns FROM bench WHERE id = ?");
    $find->execute([$row['id']]);
    $row = $find->fetch();
    $db->commit();
    return [$row];
}

$path = trim($_SERVER['PATH_INFO'] ?? parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), '/');
$path = preg_replace('~^index\.php/~', '', $path);
if (preg_match('~^one/(\d+)$~', $path, $m)) {
    $find = $db->prepare("SELECT $columns FROM bench WHERE id = ?");
    $find->execute([$m[1]]);
    $row = $find->fetch();
    http_response_code($row ? 200 : 404);
    echo json_encode($row ?: ['code' => 'RECORD_NOT_FOUND']);
} elseif ($path === 'list') {
    $find = $db->prepare("SELECT $columns FROM bench WHERE id >= ? ORDER BY id LIMIT ?");
    $find->bindValue(1, (int)$_GET['from'], PDO::PARAM_INT);
    $find->bindValue(2, (int)$_GET['max'], PDO::PARAM_INT);
    $find->execute();
    echo json_encode($find->fetchAll());
} else {
    $in = json_decode(file_get_contents('php://input'), true, 32, JSON_THROW_ON_ERROR);
    if ($path === 'create') {
        $db->beginTransaction();
        $db->prepare('INSERT INTO bench (name, email, city, amount) VALUES (?, ?, ?, ?)')
            ->execute([$in['name'], $in['email'], $in['city'], $in['amount']]);
        $id = $db->lastInsertId();
        history($db, $id, 'create', array_map(
            fn ($n) => ['field' => $n, 'old' => null, 'new' => $in[$n]], ['name', 'email', 'city', 'amount']));
        $db->commit();
        http_response_code(201);
        echo json_encode(['id' => (int)$id] + $in);
    } elseif ($path === 'update') {
        echo json_encode(change($db, 'update', 'id', $in, ['quantity', 'note']));
    } else {
        echo json_encode(change($db, 'upsert', 'email', $in, ['name', 'quantity']));
    }
}
