# SPDX-License-Identifier: Apache-2.0
# Rig::Proxy: a unix socket in front of a database's, that can lose the answer
# to a COMMIT: the server commits, the client sees its connection end.
#
#   my $proxy = Rig::Proxy->start($db);
#   $proxy->url                   # what APIDesignerDatabase takes
#   $proxy->arm('people')         # the answer to the next COMMIT is lost of a
#                                 # transaction whose statements name `people`
#                                 # (the writer of activity commits, too)
#   $proxy->fired                 # true once it was
package Rig::Proxy;
use v5.36;
use IO::Select;
use IO::Socket::UNIX;
use Socket qw(SOCK_STREAM);

sub start ($class, $db) {
    my $dir = Rig->directory;
    my $self = bless { dir => $dir, db => $db }, $class;
    my $listen = IO::Socket::UNIX->new(Local => "$dir/sock", Listen => 64)
        or die "$dir/sock: $!";
    chmod 0777, "$dir/sock";
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        alarm 300;    # never left over
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP ALRM);
        $self->serve($listen);
    }
    $self->{pid} = $pid;
    return $self;
}

sub url ($self) { "mysql://root@/" . $self->{db}->name . "?socket=$self->{dir}/sock" }
sub arm ($self, $table) { Rig::spew("$self->{dir}/armed", $table) }
sub fired ($self) { !-e "$self->{dir}/armed" }
sub stop ($self) { kill TERM => $self->{pid}; waitpid $self->{pid}, 0 }

# One process per connection.
sub serve ($self, $listen) {
    local $SIG{CHLD} = 'IGNORE';
    while (1) {
        my $client = $listen->accept or next;
        next if fork;
        my $server = IO::Socket::UNIX->new(Peer => $self->{db}->socket);
        $self->relay($client, $server) if $server;
        POSIX::_exit(0);
    }
}

# The packets that are whole in a buffer, taken out of it.
sub packets ($buffer) {
    my @packets;
    while (length $$buffer >= 4) {
        my $length = unpack 'V', substr($$buffer, 0, 3) . "\0";
        last if length $$buffer < 4 + $length;
        push @packets, substr(substr($$buffer, 0, 4 + $length, ''), 4);
    }
    return @packets;
}

# The SQL that a command runs, if it runs any. Statements are known by the id
# that the answer to their preparation has; -1 is the one prepared last.
sub runs ($known, $packet) {
    my ($command, $rest) = (ord $packet, substr $packet, 1);
    return $rest if $command == 0x03;
    $known->{last} = $known->{asked} = $rest if $command == 0x16;
    return '' unless $command == 0x17;
    my $id = unpack 'V', $rest;
    return $id == 0xffffffff ? $known->{last} : $known->{$id} // '';
}

# Whether a packet commits what names the table that was armed. What a
# connection ran since its last COMMIT is kept.
sub hit ($self, $known, $packet) {
    $known->{ran} .= runs($known, $packet);
    return 0 unless $known->{ran} =~ /\bCOMMIT\b/;
    my $ran = delete $known->{ran};
    return 0 unless -e "$self->{dir}/armed";
    return index($ran, '`' . Rig::slurp("$self->{dir}/armed") . '`') >= 0;
}

sub relay ($self, $client, $server) {
    my $select = IO::Select->new($client, $server);
    my ($lost, $buffer, %known) = (0, '');
    while (1) {
        for my $from ($select->can_read) {
            my $n = sysread $from, my $bytes, 65536;
            return unless $n;
            if ($from == $server) {
                return unlink "$self->{dir}/armed" if $lost;
                $known{ unpack 'V', substr $bytes, 5 } = delete $known{asked}
                    if defined $known{asked} && length $bytes >= 9;
                syswrite $client, $bytes;
                next;
            }
            $buffer .= $bytes;
            $lost ||= hit($self, \%known, $_) for packets(\$buffer);
            syswrite $server, $bytes;
        }
    }
}

1;
