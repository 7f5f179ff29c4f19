#!/bin/sh
# A PostgreSQL of the tests' own, in a temporary folder: never the machine's, and none that starts by itself.
#
# When it takes connections, it says `FOLDER PORT PASSWORD` on one line: the socket is in FOLDER (whoever enters it is
# trusted), and 127.0.0.1:PORT takes the user `postgres` with the password, over TLS with the certificate
# FOLDER/server.pem or without. A line `stop`, `kill` or `start` on its standard input is obeyed, and said again when that
# is done. It ends, and the folder goes, when its standard input is closed: that happens however its user ends. Data that
# nobody will miss are not synced to the disk.

set -eu
trap '' INT TERM HUP

# PostgreSQL refuses to run as root, and needs a user that the machine knows. That one need not be able to read this file.
if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent sh -c "$(cat "$0")"
fi

for bin in /usr/lib/postgresql/*/bin "$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
    [ -x "$bin/initdb" ] && break
done
[ -x "$bin/initdb" ] || { echo "PostgreSQL is missing: run \`cargo xtask setup\`" >&2; exit 1; }

umask 077
folder=$(mktemp -d)
cd "$folder"
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

# An order of texts that is not that of their bytes: nothing may rest on the database's own.
prepare() {
    echo "$password" > password &&
        printf '%s\n' '[req]' 'distinguished_name = dn' '[dn]' '[own]' 'basicConstraints = critical,CA:FALSE' \
            'subjectAltName = DNS:localhost' > openssl.cnf &&
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
            -config openssl.cnf -extensions own -keyout server.key -out server.pem &&
        "$bin/initdb" --pgdata=data --no-sync --encoding=UTF8 --locale=C.UTF-8 --locale-provider=icu \
            --icu-locale=en-US --username=postgres --pwfile=password --auth-local=trust --auth-host=scram-sha-256 &&
        printf '%s\n' "listen_addresses = '127.0.0.1'" "unix_socket_directories = '$folder'" 'ssl = on' \
            "ssl_cert_file = '$folder/server.pem'" "ssl_key_file = '$folder/server.key'" 'fsync = off' \
            'synchronous_commit = off' 'full_page_writes = off' 'max_connections = 300' >> data/postgresql.conf
}

give_up() {
    cat log >&2
    rm -rf "$folder"
    exit 1
}

prepare > log 2>&1 < /dev/null || give_up
# A port that is taken lets the start fail: then another is tried.
for port in $(shuf --input-range=20000-32000 --head-count=20) none; do
    [ "$port" = none ] && give_up
    "$bin/pg_ctl" --pgdata=data --log=log --options="-p $port" --wait start > /dev/null 2>&1 < /dev/null && break
done

control() { "$bin/pg_ctl" --pgdata=data --log=log --options="-p $port" --wait "$@" > /dev/null 2>&1 < /dev/null || true; }

echo "$folder $port $password"
while read -r word; do
    case $word in
        stop) control --mode=fast stop ;;
        kill) control --mode=immediate stop ;;
        start) control start ;;
    esac
    echo "$word"
done
control --mode=immediate stop
cd / && rm -rf "$folder"
