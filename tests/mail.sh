# shellcheck shell=sh
# A mail server of a case's own: `. "$ROOT/tests/mail.sh"` in its command.
#
# Exim on a port of 127.0.0.1, with a certificate for localhost (mail.pem here), a login (user
# runbook, password correct-horse) and a mailbox that is not there (gone@…). What it accepts stays in
# its queue. It goes with the case.
#
#   mail_start [tls=no]   starts it on $mail_port, and with TLS from the first byte on $mail_tls_port;
#                         waits until it listens
#   mail_stop             as when the machine is gone
#   mails                 the mails that came, in their order, without what differs each time

mail=$(mktemp -d /tmp/runbook-case-mail.XXXXXX)
# shellcheck disable=SC2046
set -- $(perl -MIO::Socket::INET -e '@l = map { IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") } 1, 2; print join " ", map { $_->sockport } @l')
mail_port=$1 mail_tls_port=$2

mail_user=$(id -un)
[ "$mail_user" != root ] || mail_user=Debian-exim

mail_conf() {
  cat <<CONF
spool_directory = $mail/spool
log_file_path = $mail/spool/%s
pid_file_path = $mail/spool/pid
exim_user = $mail_user
exim_group = $(id -gn "$mail_user")
primary_hostname = mail.example.org
local_interfaces = <; 127.0.0.1
daemon_smtp_ports = $mail_port : $mail_tls_port
tls_on_connect_ports = $mail_tls_port
queue_only = true
keep_environment =
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
auth_advertise_hosts = \${if def:tls_in_cipher {*}}
tls_advertise_hosts = $1
tls_certificate = $mail/mail.pem
begin acl
rcpt:
  deny message = nobody of that name
       local_parts = gone
  accept
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and {{eq{\$auth2}{runbook}}{eq{\$auth3}{correct-horse}}}}
  server_set_id = \$auth2
CONF
}

mail_start() {
  if [ "${1:-}" = tls=no ]; then mail_conf '' >"$mail/conf"; else mail_conf '*' >"$mail/conf"; fi
  rm -f "$mail/spool/pid"
  exim4 -bdf -C "$mail/conf" >"$mail/out" 2>&1 &
  mail_pid=$!
  until [ -s "$mail/spool/pid" ]; do
    kill -0 "$mail_pid" 2>/dev/null || { cat "$mail/out"; exit 1; }
    sleep 0.02
  done
}

mail_stop() {
  [ -n "${mail_pid:-}" ] && kill "$mail_pid" && while kill -0 "$mail_pid" 2>/dev/null; do sleep 0.02; done
  mail_pid=
}

# One that no longer has its first lines, of the server itself.
mails() {
  for mail_one in "$mail"/spool/input/*-H; do
    mail_one=${mail_one##*/}
    exim4 -C "$mail/conf" -Mvc "${mail_one%-H}" 2>/dev/null | sed '1,/^Date:/{/^Date: .* [+-][0-9]*$/!d; s/:.*/: then/}'
  done
}

mail_end() {
  mail_stop
  rm -rf "$mail"
}
trap mail_end EXIT

mkdir "$mail/spool"
chmod 755 "$mail"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$mail/key.pem" -out mail.pem 2>"$mail/out" || cat "$mail/out"
cat "$mail/key.pem" mail.pem >"$mail/mail.pem"
[ "$(id -u)" != 0 ] || chown "$mail_user" "$mail/spool" "$mail/mail.pem"
