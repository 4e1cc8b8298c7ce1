# SPDX-License-Identifier: Apache-2.0
# OpenAPI: a document of OpenAPI 3.1 and values held against its schemas. It
# knows the words of JSON Schema that our documents use, and dies of others.
#
#   my $doc = OpenAPI->new($data);
#   $doc->faults                        # of the document: a list of sentences
#   $doc->operation(get => '/api/x')    # or undef
#   $doc->misfits($value, $schema)      # a list of sentences
#   $doc->answers($operation, $answer)  # the same, of a Rig::Client answer
package OpenAPI;
use v5.36;
use B ();
use JSON::PP ();

my %known = map { $_ => 1 } qw($ref type format pattern enum const items properties
    required minimum maximum minItems maxItems minLength maxLength description
    contentEncoding);

sub new ($class, $data) { bless { data => $data }, $class }

sub operation ($self, $method, $path) { $self->{data}{paths}{$path}{$method} }

# Every operation: [method, path, operation].
sub operations ($self) {
    my $paths = $self->{data}{paths};
    return map { my $path = $_;
                 map { [ $_, $path, $paths->{$path}{$_} ] } sort keys %{ $paths->{$path} } }
           sort keys %$paths;
}

sub resolve ($self, $thing) {
    my $ref = ref $thing eq 'HASH' ? $thing->{'$ref'} : undef;
    return $thing unless defined $ref;
    my $at = $self->{data};
    for my $step (split m{/}, $ref =~ s{^#/}{}r) { $at = ref $at eq 'HASH' ? $at->{$step} : undef }
    return $at;
}

sub refs ($self, $at = $self->{data}) {
    return map { $self->refs($_) } @$at if ref $at eq 'ARRAY';
    return () unless ref $at eq 'HASH';
    return map { $_ eq '$ref' && !ref $at->{$_} ? $at : $self->refs($at->{$_}) } sort keys %$at;
}

sub faults ($self) {
    my $data = $self->{data};
    my (%ids, @found);
    push @found, "openapi: $data->{openapi}" if $data->{openapi} ne '3.1.0';
    push @found, "no info.$_" for grep { !length($data->{info}{$_} // '') } qw(title version);
    push @found, "$_->{'$ref'} leads nowhere" for grep { !$self->resolve($_) } $self->refs;
    for my $each ($self->operations) {
        my ($method, $path, $op) = @$each;
        push @found, map { "$method $path: $_" } $self->operation_faults($path, $op);
        push @found, "operationId $op->{operationId} twice" if $ids{ $op->{operationId} }++;
    }
    return @found;
}

sub operation_faults ($self, $path, $op) {
    my %parts = map { $_ => 1 } $path =~ /\{([^}]+)\}/g;
    my (%seen, @found);
    for my $param (map { $self->resolve($_) } @{ $op->{parameters} }) {
        push @found, "$param->{in} $param->{name} twice" if $seen{"$param->{in} $param->{name}"}++;
        push @found, "$param->{name} has no schema" unless $param->{schema};
        next unless $param->{in} eq 'path';
        push @found, "$param->{name} is no part of the path" unless delete $parts{ $param->{name} };
        push @found, "$param->{name} is not required" unless $param->{required};
    }
    push @found, "part $_ is not told" for sort keys %parts;
    push @found, "no answer is told" unless grep { /^2/ } keys %{ $op->{responses} };
    push @found, "$_ has no description"
        for grep { !length $op->{responses}{$_}{description} } keys %{ $op->{responses} };
    push @found, "scheme $_ is not told"
        for grep { !$self->{data}{components}{securitySchemes}{$_} }
            map { keys %$_ } @{ $op->{security} };
    return @found;
}

sub kind ($value) {
    return 'null' unless defined $value;
    return 'object' if ref $value eq 'HASH';
    return 'array' if ref $value eq 'ARRAY';
    return 'boolean' if JSON::PP::is_bool($value);
    return 'string' if B::svref_2object(\$value)->FLAGS & B::SVp_POK && !ref $value;
    return $value == int $value ? 'integer' : 'number';
}

sub is_type ($value, $type) {
    my $kind = kind($value);
    return $kind eq $type || ($type eq 'number' && $kind eq 'integer');
}

sub same ($x, $y) { kind($x) eq kind($y) && (!defined $x || $x eq $y) }

sub misfits ($self, $value, $schema, $at = '') {
    $schema = $self->resolve($schema);
    die "unknown word $_\n" for grep { !$known{$_} } keys %$schema;
    my @types = map { ref ? @$_ : $_ } grep { defined } $schema->{type};
    return "$at: " . kind($value) . " is not @types"
        if @types && !grep { is_type($value, $_) } @types;
    return "$at: not the constant" if exists $schema->{const} && !same($value, $schema->{const});
    return "$at: none of the choices"
        if $schema->{enum} && !grep { same($value, $_) } @{ $schema->{enum} };
    return $self->misfits_in_text($value, $schema, $at) if kind($value) eq 'string';
    return $self->misfits_in_list($value, $schema, $at) if ref $value eq 'ARRAY';
    return $self->misfits_in_object($value, $schema, $at) if ref $value eq 'HASH';
    return "$at: too small" if exists $schema->{minimum} && defined $value && $value < $schema->{minimum};
    return "$at: too large" if exists $schema->{maximum} && defined $value && $value > $schema->{maximum};
    return ();
}

my %format = (
    'date'      => qr/^\d{4}-\d\d-\d\d$/,
    'date-time' => qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/,
    'uuid'      => qr/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
);

sub misfits_in_text ($self, $value, $schema, $at) {
    my $format = $format{ $schema->{format} // '' };
    return "$at: '$value' is no $schema->{format}" if $format && $value !~ $format;
    return "$at: '$value' is not like $schema->{pattern}"
        if defined $schema->{pattern} && $value !~ /$schema->{pattern}/;
    return "$at: too short" if length $value < ($schema->{minLength} // 0);
    return "$at: too long" if $schema->{maxLength} && length $value > $schema->{maxLength};
    return ();
}

sub misfits_in_list ($self, $value, $schema, $at) {
    return "$at: too few" if @$value < ($schema->{minItems} // 0);
    return "$at: too many" if @$value > ($schema->{maxItems} // @$value);
    return map { $self->misfits($value->[$_], $schema->{items} // {}, "$at/$_") } 0 .. $#$value;
}

sub misfits_in_object ($self, $value, $schema, $at) {
    my $members = $schema->{properties} // {};
    my @found = map { "$at: no $_" } grep { !exists $value->{$_} } @{ $schema->{required} // [] };
    push @found, map { "$at: $_ is not told" } grep { !$members->{$_} } sort keys %$value
        if $schema->{properties};
    return @found, map { $self->misfits($value->{$_}, $members->{$_}, "$at/$_") }
        grep { $members->{$_} } sort keys %$value;
}

sub answers ($self, $op, $got) {
    my $told = $op->{responses}{ $got->status } // return 'status ' . $got->status . ' is not told';
    my $type = ($got->header('Content-Type') // '') =~ s/;.*//r;
    my $missing = join ' ', grep { !defined $got->header($_) }
        grep { !/^(?:Link|Location|Idempotency-Replayed)$/ } sort keys %{ $told->{headers} // {} };
    return "no header $missing" if $missing;
    return length $got->body ? 'a body is not told' : () unless $told->{content};
    my $content = $told->{content}{$type} // return "type $type is not told";
    return $self->misfits($got->json, $content->{schema});
}

1;
