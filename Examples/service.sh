#!/bin/sh
# A service: an application asks for one record at a time, the map is exchanged under way, and the end is
# orderly. Needs python3 for the client, which could be in any language.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

fairpost synth loans --quiet > loans.csv
fairpost fit --quiet --score score --group sex -o first.map loans.csv
fairpost fit --quiet --score score --group sex --epsilon 0.5 -o second.map loans.csv
cp first.map scores.map

fairpost apply -m scores.map --lines json --on-bad-row report --socket scores.sock &
server=$!
# Under systemd the socket is there before the service is: see service/fairpost.socket.
while [ ! -S scores.sock ]; do sleep 0.05; done

echo '# Three records, one of them bad; each is answered in its place:'
cat > records.jsonl <<'END'
{"id":1,"sex":"F","score":0.31}
{"id":2,"sex":"M","score":0.31,"note":"anything else stays"}
{"id":3,"sex":"M","score":"high"}
END
python3 "$here/service/ask.py" scores.sock < records.jsonl

echo '# Another map, without a lost answer: move it into place, then SIGHUP:'
mv second.map scores.map
kill -HUP "$server"
before=$(head -1 records.jsonl | fairpost apply --quiet -m first.map --lines json)
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  now=$(head -1 records.jsonl | python3 "$here/service/ask.py" scores.sock)
  [ "$now" = "${before%\}},\"error\":null}" ] || break
  sleep 0.05
done
echo "$now"

echo '# The end: what has arrived is answered, the socket is removed, status 0:'
kill -TERM "$server"
wait "$server" && echo "# status $?"
server=
[ ! -e scores.sock ]
