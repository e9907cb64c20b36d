#!/bin/sh
# Makes the secrets that compose.yml reads, once; what is there stays.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
random() { head -c "$1" /dev/urandom | od -An -vtx1 | tr -d ' \n'; }
[ -f secrets/postgres_password ] || random 24 > secrets/postgres_password
[ -f secrets/master_key ] || head -c 32 /dev/urandom | base64 | tr -d '\n' > secrets/master_key
[ -f secrets/operator_key ] || printf 'kp_%s' "$(random 32)" > secrets/operator_key
printf 'Host=postgres;Username=kpay;Database=kpay;Password=%s' "$(cat secrets/postgres_password)" > secrets/connection_string
# Compose mounts the files as they are: the container's user, who is not this one, must be able to read them.
chmod 755 secrets && chmod 644 secrets/*
