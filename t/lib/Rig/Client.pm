# SPDX-License-Identifier: Apache-2.0
# Rig::Client: HTTP/1.1 over a plain socket, so that a test decides every byte
# of a request and sees every byte of the answer. No wait is longer than the
# timeout (30 s unless given): then it dies.
#
#   my $c = Rig::Client->connect($port);
#   my $a = $c->request(PUT => '/api/x', headers => [ 'toKEN' => 'abc' ],
#                       json => { id => 1 });     # the connection is kept
#   $a->status, reason, body, json, header('etag'), headers('link'),
#   $a->broken         # the transfer ended early
#   $a->seconds        # from the last byte sent to the last received
#   $c->send($bytes); $c->answer($method);        # the same by hand
# Options of request: headers (a list of pairs, sent as they are), body (bytes),
# json (data), form (pairs), basic ([name, password]), host (undef: no Host
# header), timeout. Content-Type and Content-Length are added unless given.
package Rig::Client;
use v5.36;
use IO::Select;
use IO::Socket::INET;
use MIME::Base64 qw(encode_base64);
use Time::HiRes qw(time);

sub connect ($class, $port, %option) {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $port, Proto => 'tcp', Timeout => 10)
        or die "connect to port $port: $@\n";
    return bless { socket => $socket, port => $port, buffer => '',
                   timeout => $option{timeout} // 30 }, $class;
}

sub escape ($text) {
    utf8::encode($text) if utf8::is_utf8($text);
    return $text =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger;
}

sub form_text (@pairs) {
    my @parts;
    while (my ($name, $value) = splice @pairs, 0, 2) {
        push @parts, escape($name) . '=' . escape($value);
    }
    return join '&', @parts;
}

# The bytes of a request.
sub request_text ($method, $path, $port, %want) {
    my @pairs = @{ $want{headers} // [] };
    my %given;
    for (my $i = 0; $i < @pairs; $i += 2) { $given{ lc $pairs[$i] } = 1 }
    my ($body, $type) = ($want{body});
    ($body, $type) = (Rig->to_json($want{json}), 'application/json')
        if exists $want{json};
    ($body, $type) = (form_text(@{ $want{form} }),
                      'application/x-www-form-urlencoded') if $want{form};
    utf8::encode($body) if defined $body && utf8::is_utf8($body);
    my $host = exists $want{host} ? $want{host} : "127.0.0.1:$port";
    unshift @pairs, Host => $host if defined $host && !$given{host};
    push @pairs, Authorization =>
        'Basic ' . encode_base64(join(':', @{ $want{basic} }), '')
        if $want{basic};
    push @pairs, 'Content-Type' => $type if $type && !$given{'content-type'};
    push @pairs, 'Content-Length' => length $body
        if defined $body && !$given{'content-length'} && !$given{'transfer-encoding'};
    my $text = "$method $path HTTP/1.1\r\n";
    while (my ($name, $value) = splice @pairs, 0, 2) {
        $text .= "$name: $value\r\n";
    }
    return "$text\r\n" . ($body // '');
}

sub request ($self, $method, $path, %want) {
    local $self->{timeout} = $want{timeout} // $self->{timeout};
    $self->send(request_text($method, $path, $self->{port}, %want));
    return $self->answer($method);
}

sub send ($self, $bytes) {
    my ($end, $at) = (time + $self->{timeout}, 0);
    $self->{socket}->blocking(0);
    while ($at < length $bytes) {
        die "send: timeout\n" if time > $end;
        next unless IO::Select->new($self->{socket})->can_write(0.2);
        my $n = syswrite $self->{socket}, $bytes, 65536, $at;
        last if !defined $n && !$!{EAGAIN};    # the server hung up: read why
        $at += $n // 0;
    }
    $self->{sent} = time;
    return $at;
}

# Reads more into the buffer; false at the end of the connection.
sub more ($self) {
    my $ready = IO::Select->new($self->{socket})->can_read($self->{timeout});
    die "no answer within $self->{timeout} s\n" unless $ready;
    my $n = sysread $self->{socket}, $self->{buffer}, 262144, length $self->{buffer};
    return $n;
}

# Takes n bytes; undef when the connection ends before them.
sub take ($self, $n) {
    while (length $self->{buffer} < $n) { return unless $self->more }
    return substr $self->{buffer}, 0, $n, '';
}

sub line ($self) {
    my $at;
    while (($at = index $self->{buffer}, "\n") < 0) { return unless $self->more }
    return substr($self->{buffer}, 0, $at + 1, '') =~ s/\r?\n\z//r;
}

sub chunks ($self, $answer) {
    while (1) {
        my $size = hex(($self->line // return $answer->{broken} = 1) =~ s/;.*//r);
        my $chunk = $self->take($size) // return $answer->{broken} = 1;
        $answer->{body} .= $chunk;
        my $end = $self->line // return $answer->{broken} = 1;
        next if $size;
        while (length $end) { $end = $self->line // last }
        return;
    }
}

sub body ($self, $answer, $method) {
    return if $method eq 'HEAD' || $answer->{status} =~ /^(?:1..|204|304)$/;
    return $self->chunks($answer)
        if ($answer->header('Transfer-Encoding') // '') =~ /chunked/i;
    my $length = $answer->header('Content-Length');
    if (!defined $length) {
        1 while $self->more;
        $answer->{body} = delete $self->{buffer};
        return $self->{buffer} = '';
    }
    $answer->{body} = $self->take($length) and return;
    ($answer->{broken}, $answer->{body}) = (1, $self->{buffer}) if $length > 0;
}

# Reads one answer (1xx are passed over). An answer that never began has the
# status 0 and is broken.
sub answer ($self, $method = 'GET') {
    my $answer = bless { status => 0, reason => '', pairs => [], body => '',
                         broken => 0 }, 'Rig::Answer';
    my $first = $self->line;
    $answer->{broken} = 1, return $answer unless defined $first;
    $first =~ m{^HTTP/1\.\d (\d+) ?(.*)} or die "not HTTP: $first\n";
    @$answer{qw(status reason)} = ($1, $2);
    while (length(my $line = $self->line // '')) {
        my ($name, $value) = split /:\s*/, $line, 2;
        push @{ $answer->{pairs} }, [ $name, $value ];
    }
    return $self->answer($method) if $answer->{status} =~ /^1/;
    $self->body($answer, $method);
    $answer->{seconds} = time - ($self->{sent} // time);
    return $answer;
}

sub close ($self) { CORE::close $self->{socket} }

package Rig::Answer;
use v5.36;

sub status  ($self) { $self->{status} }
sub reason  ($self) { $self->{reason} }
sub body    ($self) { $self->{body} }
sub broken  ($self) { $self->{broken} }
sub seconds ($self) { $self->{seconds} }
sub names   ($self) { map { $_->[0] } @{ $self->{pairs} } }

sub headers ($self, $name) {
    return map { $_->[1] } grep { lc $_->[0] eq lc $name } @{ $self->{pairs} };
}

# All values of a header as httpd would join them, or undef.
sub header ($self, $name) {
    my @values = $self->headers($name);
    return @values ? join ', ', @values : undef;
}

# The body as data; dies with the body in its message if it is not JSON.
sub json ($self) {
    my $data = eval { Rig->json($self->{body}) };
    die "not JSON ($self->{status}): $self->{body}\n" if $@;
    return $data;
}

1;
