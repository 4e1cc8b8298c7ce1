// SPDX-License-Identifier: Apache-2.0

// The benchmarks' operations as a careful person writes them by hand with
// net/http and go-sql-driver: prepared statements kept, Basic auth by a hash.
// It listens on 127.0.0.1:BENCH_PORT.
package main

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	_ "github.com/go-sql-driver/mysql"
)

const columns = "id, name, email, city, amount, quantity, active, created, note, code"

type record struct {
	ID       int     `json:"id"`
	Name     string  `json:"name"`
	Email    string  `json:"email"`
	City     *string `json:"city"`
	Amount   *string `json:"amount"`
	Quantity *int    `json:"quantity"`
	Active   bool    `json:"active"`
	Created  *string `json:"created"`
	Note     *string `json:"note"`
	Code     *string `json:"code"`
}

type change struct {
	Field string      `json:"field"`
	Old   interface{} `json:"old"`
	New   interface{} `json:"new"`
}

type scanner interface {
	Scan(into ...interface{}) error
}

var (
	keyHash                                       []byte
	db                                            *sql.DB
	one, list, insert, byID, byEmail, set, setAll *sql.Stmt
	history                                       *sql.Stmt
)

func prepare(text string) *sql.Stmt {
	stmt, err := db.Prepare(text)
	if err != nil {
		log.Fatal(err)
	}
	return stmt
}

func open() {
	var err error
	db, err = sql.Open("mysql", "root@unix("+os.Getenv("BENCH_SOCKET")+")/"+os.Getenv("BENCH_DB"))
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	one = prepare("SELECT " + columns + " FROM bench WHERE id = ?")
	list = prepare("SELECT " + columns + " FROM bench WHERE id >= ? ORDER BY id LIMIT ?")
	byID = prepare("SELECT " + columns + " FROM bench WHERE id = ? FOR UPDATE")
	byEmail = prepare("SELECT " + columns + " FROM bench WHERE email = ? FOR UPDATE")
	insert = prepare("INSERT INTO bench (name, email, city, amount) VALUES (?, ?, ?, ?)")
	set = prepare("UPDATE bench SET quantity = ?, note = ? WHERE id = ?")
	setAll = prepare("UPDATE bench SET name = ?, quantity = ? WHERE id = ?")
	history = prepare("INSERT INTO bench_history (module, record, operation, label, api, version," +
		" user, source, request_id, at, changes) VALUES ('Bench', ?, ?, 'API Designer', ?, 1, ?," +
		" 'api', ?, NOW(6), ?)")
}

func scan(from scanner, r *record) error {
	return from.Scan(&r.ID, &r.Name, &r.Email, &r.City, &r.Amount, &r.Quantity, &r.Active,
		&r.Created, &r.Note, &r.Code)
}

func answer(w http.ResponseWriter, status int, what interface{}) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(what)
}

func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if err == sql.ErrNoRows {
		status = http.StatusNotFound
	}
	answer(w, status, map[string]string{"code": err.Error()})
}

func getOne(w http.ResponseWriter, r *http.Request) {
	var found record
	id, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/one/"))
	if err := scan(one.QueryRow(id), &found); err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, &found)
}

func getList(w http.ResponseWriter, r *http.Request) {
	from, _ := strconv.Atoi(r.URL.Query().Get("from"))
	max, _ := strconv.Atoi(r.URL.Query().Get("max"))
	rows, err := list.Query(from, max)
	if err != nil {
		fail(w, err)
		return
	}
	defer rows.Close()
	found := make([]record, 0, max)
	for rows.Next() {
		var next record
		if err := scan(rows, &next); err != nil {
			fail(w, err)
			return
		}
		found = append(found, next)
	}
	answer(w, http.StatusOK, found)
}

// Writes the history of a record in the transaction of its change.
func tell(tx *sql.Tx, r *http.Request, id int, operation string, changes []change) error {
	user, _, _ := r.BasicAuth()
	text, _ := json.Marshal(changes)
	var request [16]byte
	_, _ = rand.Read(request[:])
	_, err := tx.Stmt(history).Exec(id, operation, operation, user, hex.EncodeToString(request[:]), text)
	return err
}

func create(tx *sql.Tx, r *http.Request, in *record) (interface{}, int, error) {
	made, err := tx.Stmt(insert).Exec(in.Name, in.Email, in.City, in.Amount)
	if err != nil {
		return nil, 0, err
	}
	id, _ := made.LastInsertId()
	in.ID = int(id)
	err = tell(tx, r, in.ID, "create", []change{{"name", nil, in.Name}, {"email", nil, in.Email},
		{"city", nil, in.City}, {"amount", nil, in.Amount}})
	return in, http.StatusCreated, err
}

func update(tx *sql.Tx, r *http.Request, in *record) (interface{}, int, error) {
	var now record
	if err := scan(tx.Stmt(byID).QueryRow(in.ID), &now); err != nil {
		return nil, 0, err
	}
	if _, err := tx.Stmt(set).Exec(in.Quantity, in.Note, in.ID); err != nil {
		return nil, 0, err
	}
	err := tell(tx, r, in.ID, "update", []change{{"quantity", now.Quantity, in.Quantity},
		{"note", now.Note, in.Note}})
	now.Quantity, now.Note = in.Quantity, in.Note
	return []record{now}, http.StatusOK, err
}

func upsert(tx *sql.Tx, r *http.Request, in *record) (interface{}, int, error) {
	var now record
	if err := scan(tx.Stmt(byEmail).QueryRow(in.Email), &now); err != nil {
		return nil, 0, err
	}
	if _, err := tx.Stmt(setAll).Exec(in.Name, in.Quantity, now.ID); err != nil {
		return nil, 0, err
	}
	err := tell(tx, r, now.ID, "upsert", []change{{"name", now.Name, in.Name},
		{"quantity", now.Quantity, in.Quantity}})
	now.Name, now.Quantity = in.Name, in.Quantity
	return []record{now}, http.StatusOK, err
}

type write func(*sql.Tx, *http.Request, *record) (interface{}, int, error)

func within(do write) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in record
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			fail(w, err)
			return
		}
		tx, err := db.Begin()
		if err != nil {
			fail(w, err)
			return
		}
		defer func() { _ = tx.Rollback() }()
		what, status, err := do(tx, r, &in)
		if err == nil {
			err = tx.Commit()
		}
		if err != nil {
			fail(w, err)
			return
		}
		answer(w, status, what)
	}
}

func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, key, _ := r.BasicAuth()
		sum := sha256.Sum256([]byte(user + ":" + key))
		if subtle.ConstantTimeCompare(sum[:], keyHash) != 1 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func main() {
	keyHash, _ = hex.DecodeString(os.Getenv("BENCH_KEY_HASH"))
	open()
	mux := http.NewServeMux()
	mux.HandleFunc("/one/", getOne)
	mux.HandleFunc("/list", getList)
	mux.HandleFunc("/create", within(create))
	mux.HandleFunc("/update", within(update))
	mux.HandleFunc("/upsert", within(upsert))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("BENCH_PORT"), guard(mux)))
}
