# SPDX-License-Identifier: LGPL-2.1-or-later
"""The cases of discovery, and what the numbered statements say of each: a small model of a phone, written from DISC-1 to DISC-14 and STATE-1
to STATE-4, that knows nothing of the product.

A case is what a lease says, in which form, what the server does that it names, in which state the phone was, and what happens while the first
server looks for its answer. Every combination of server, state and happening is there, and on a phone out of its box every combination of
option and form, well formed and malformed. In others the lease names a domain, with SRV records of every kind, again with every state and
happening. Nothing is drawn by chance that another run would draw otherwise.
"""

import collections
import itertools
import random

PN, PSN, MA = 'LAB-8851', '8851', '02005e005301'
DEFAULT_PATHS = ('/$PN.cfg', '/$PSN.xml', '/Cisco/$MA.cfg', '/Cisco/$PN/$MA.cfg')
BUDGET = 60  # seconds, of one source
# the integrator's own pair of option 125 and DHCPv6 17, and the one of TR-069
ENTERPRISE, SUB, BBF = 32473, 7, 3561

STATES = ('Open', 'Pending', 'Custom-Pending', 'Acquired', 'Aborted', 'Unavailable', 'GDS-Pending', 'GDS-Acquired')
MEANWHILE = ('nothing', 'manual rule', 'new lease', 'factory reset', 'power cut')
SERVERS = ('dead', 'empty', 'wrong', 'slow', 'good')
FORMS = ('url', 'base', 'host', 'path', 'list')
OPTIONS = {4: (66, 150, 159, 160, 43, 60, 125), 6: (17, 159, 160)}
ORDER = {4: (66, 160, 159, 150, 60, 43, 125), 6: (17, 160, 159)}
PRESENCE = ('present', 'present', 'absent', 'present', 'malformed', 'present')
# on what the server's programs are reached; 'both': TFTP has no file, HTTP does as the case says
FRONTS = ('http', 'tftp', 'both', 'https')
SERVICES = ('none', 'unknown', 'knows', 'astray', 'silent')
BEFORE = ('alive', 'gone', 'other, alive', 'other, gone')
# the domain of a lease, and what its SRV records may name: (service, priority, weight, place), as the DNS tells them
DOMAIN = 'phones.lab'
SRV = {
    'none': (),
    'good': (('https', 10, 5, 'srv-good'),),
    'first dead': (('https', 20, 1, 'srv-good'), ('https', 10, 9, 'srv-dead')),
    'wrong certificate': (('https', 1, 1, 'srv-strange'),),
    'serves nothing': (('https', 1, 1, 'srv-empty'),),
    # of one priority the lower weight comes first, and http after all of https
    'good by http': (('http', 1, 1, 'srv-http'), ('https', 5, 8, 'srv-empty'), ('https', 5, 2, 'srv-strange')),
}
BY_SRV = 'by SRV, alive'
PROVISIONED = {'Acquired': 'redirect', 'Aborted': 'dhcp-66', 'GDS-Acquired': 'activation-code'}

OWN = '/p/own.xml'  # a path that an option or a rule names
_OTHERS = ('second', 'old', 'old-https', 'gone', 'gone-https', 'own', 'manual', 'new', 'service', 'provider')
# whom SRV records name, and the host that has the name of the domain itself
DOMAIN_PLACES = ('srv-good', 'srv-dead', 'srv-strange', 'srv-empty', 'srv-http', 'domain')
PLACES = [f'{server}-{front}' for server in SERVERS for front in FRONTS] + [*_OTHERS, *DOMAIN_PLACES]

# srv: one of SRV; '': the lease names no domain. by_rule: the phone's rule, and one that is set by hand, has --srv
Case = collections.namedtuple('Case', 'number presence form option family server front state meanwhile service activation also before srv by_rule',
                              defaults=('', False))
Option = collections.namedtuple('Option', 'code family value hints')
# kind: 'url', 'base', 'host'
Hint = collections.namedtuple('Hint', 'kind text')
Outcome = collections.namedtuple('Outcome', 'requests state source tried')


def name_of(case):
    """How the case is told from others."""
    lease = f'{"DHCPv6 " if case.family == 6 else ""}{case.option} {case.presence} as {case.form}'
    words = [f'{case.number:03}', case.state, lease, f'{case.server} by {case.front}', case.meanwhile, f'service {case.service}']
    words += ['screen'] if case.activation else []
    words += ['two options'] if case.also else []
    words += [f'before {case.before}'] if case.state == 'Aborted' else []
    words += [f'SRV {case.srv}'] if case.srv else []
    words += ['rule with --srv'] if case.by_rule else []
    return ' - '.join(words)


def generate():
    """Every case, in order."""
    drawn = random.Random(8851)
    numbers = itertools.count(1)
    for family in (4, 6):
        for option, form in itertools.product(OPTIONS[family], FORMS):
            for presence, server in (('present', SERVERS), ('malformed', ['good']), ('absent', ['good'])):
                if presence == 'absent' and form != 'url':
                    continue
                number = next(numbers)
                yield Case(number, presence, form, option, family, server[number % len(server)], FRONTS[number // 5 % len(FRONTS)], 'Open',
                           'nothing', drawn.choice(SERVICES), drawn.random() < 0.4, drawn.random() < 0.25, 'alive')
    # in the middle of the wait for the first server
    for number, (meanwhile, state) in enumerate(itertools.product(MEANWHILE[1:], STATES)):
        if state not in PROVISIONED:
            yield Case(next(numbers), 'present', ('url', 'base', 'list')[number % 3], ORDER[4][number % 4], 4, 'slow', 'http', state, meanwhile,
                       SERVICES[number % len(SERVICES)], number % 2 == 0, number % 3 == 0, 'alive')
    for number, (meanwhile, server, state) in enumerate(itertools.product(MEANWHILE, SERVERS, STATES)):
        family = 6 if number % 6 == 5 else 4
        option = OPTIONS[family][(number // 5 + number) % len(OPTIONS[family])]
        yield Case(next(numbers), PRESENCE[drawn.randrange(len(PRESENCE))], FORMS[(number + number // 8) % len(FORMS)], option, family, server,
                   drawn.choice(FRONTS), state, meanwhile, drawn.choice(SERVICES), drawn.random() < 0.4, drawn.random() < 0.25,
                   drawn.choice(BEFORE))
    # DHCP leads nowhere, or to nobody who has a profile
    for meanwhile, srv, state in itertools.product(MEANWHILE, SRV, STATES):
        yield Case(next(numbers), drawn.choice(('absent', 'present')), 'base', 66, 4, drawn.choice(('dead', 'empty', 'wrong')), 'http', state,
                   meanwhile, drawn.choice(SERVICES), drawn.random() < 0.4, False, BY_SRV, srv,
                   state not in ('Open', 'Unavailable', 'GDS-Acquired'))


def address(place, family=4):
    """Where a server is in the laboratory: an address of its own."""
    number = PLACES.index(place) + 1
    return f'10.88.1.{number}' if family == 4 else f'fd88::{number:x}'


def host(place):
    """How it is named: those of the domain by a name."""
    if place in DOMAIN_PLACES:
        return DOMAIN if place == 'domain' else f'{place}.{DOMAIN}'
    return address(place)


def in_url(place, family):
    return address(place) if family == 4 else f'[{address(place, 6)}]'


def behaviour(place, scheme):
    """What the program that speaks SCHEME does there: one of SERVERS; 'strange': its certificate is for another name."""
    server, _, front = place.partition('-')
    if place in ('srv-empty', 'srv-strange') and scheme == 'https':
        return front
    if server in SERVERS:
        fronts = {'tftp': 'tftp', 'http': 'http', 'https': 'https', 'both': 'http'}
        if front == 'both' and scheme == 'tftp':
            return 'dead' if server == 'dead' else 'empty'
        return server if fronts[front] == scheme else 'dead'
    alive = {'second': 'http', 'old': 'http', 'old-https': 'https', 'own': 'http', 'manual': 'http', 'new': 'http', 'provider': 'http',
             'srv-good': 'https', 'srv-http': 'http', 'domain': 'https'}
    return 'good' if alive.get(place) == scheme else 'dead'


def profiles(place):
    """The paths at which a good or slow server has a profile."""
    found = expand('/$PSN.xml') if place.partition('-')[0] != 'slow' else expand('/Cisco/$MA.cfg')
    return (OWN, found)


def expand(text):
    for macro, value in (('$PN', PN), ('$PSN', PSN), ('$MA', MA)):
        text = text.replace(macro, value)
    return text


def default_urls(text):
    return [f'{text}{expand(path)}' for path in DEFAULT_PATHS]


def urls(hint):
    """What a hint leads to (DISC-4)."""
    if hint.kind == 'url':
        return [hint.text] + default_urls(hint.text)
    if hint.kind == 'base':
        return default_urls(hint.text)
    return [url for scheme in ('tftp', 'http', 'https') for url in default_urls(f'{scheme}://{hint.text}')]


def _scheme(case):
    return 'http' if case.front == 'both' else case.front


def _well_formed(case):
    """(bytes, hints) of a value in its form."""
    place, scheme = f'{case.server}-{case.front}', _scheme(case)
    server, second = f'{scheme}://{in_url(place, case.family)}', f'http://{in_url("second", case.family)}'
    bare = in_url(place, case.family)
    if case.option == 150 and case.form == 'list':
        hosts = [address(place), address('second')]
        return (bytes(int(part) for one in hosts for part in one.split('.')), [Hint('host', one) for one in hosts])
    text, hints = {
        'url': (server + OWN, [Hint('url', server + OWN)]),
        'base': (server, [Hint('base', server)]),
        'host': (bare if case.number % 2 else address(place, case.family), [Hint('host', bare)]),
        'path': (bare + OWN, [Hint('url', f'tftp://{bare}{OWN}')]),
        'list': (f'{server}; {second}/', [Hint('base', server), Hint('base', second)]),
    }[case.form]
    return text.encode(), hints


def _malformed(case):
    """A value that is none of DISC-4's, or that holds what DISC-5 forbids."""
    place = in_url(f'{case.server}-{case.front}', case.family)
    if case.option == 150 and case.form == 'list':
        return b'\x0a\x58\x01\x01\x07'
    return {'url': f'http://{place}/p\x01/own.xml', 'base': f'ftp://{place}', 'host': f'{place} and another', 'path': OWN,
            'list': f'http://{place}\0;http://{place}'}[case.form].encode()


def _packed(code, family, value, enterprise):
    """A value inside of option 125 or DHCPv6 17."""
    width = 2 if family == 6 else 1
    pair = SUB.to_bytes(width, 'big') + len(value).to_bytes(width, 'big') + value
    if enterprise == BBF:
        acs = (1 if family == 6 else 11).to_bytes(width, 'big')
        pair = acs + len(value).to_bytes(width, 'big') + value
    length = b'' if family == 6 else bytes([len(pair)])
    return enterprise.to_bytes(4, 'big') + length + pair


def option_of(case):
    """The option that the case is about, as the server sends it and as DISC-4 reads it; None: it is absent."""
    if case.presence == 'absent':
        return None
    value, hints = _well_formed(case) if case.presence == 'present' else (_malformed(case), [])
    if case.option in (17, 125):
        # with the enterprise of the Broadband Forum it is an ACS's address, and no profile's
        enterprise = BBF if case.form == 'base' else ENTERPRISE
        value, hints = _packed(case.option, case.family, value, enterprise), hints if enterprise == ENTERPRISE else []
    elif case.option == 43 and (case.presence, case.form) == ('present', 'host'):
        # its sub-option 1 is the address of an ACS
        acs = f'http://{in_url("second", case.family)}/acs'.encode()
        value, hints = bytes([1, len(acs)]) + acs, []
    elif case.option in (43, 60) and b'://' not in value:
        hints = []
    return Option(case.option, case.family, value, hints)


def lease_of(case):
    """The options of the lease, each once."""
    options = [one for one in [option_of(case)] if one is not None]
    if case.also:
        code = 160 if case.family == 4 and case.option != 160 else 66
        text = f'http://{in_url("second", 4)}'
        options.append(Option(code, 4, text.encode(), [Hint('base', text)]))
    return options


def new_lease():
    """What a lease names that comes meanwhile."""
    text = f'http://{in_url("new", 4)}'
    return [Option(66, 4, text.encode(), [Hint('base', text)])]


def sources_of(options):
    """(name, hints) in the order of DISC-3."""
    found = []
    for family, code in [(4, code) for code in ORDER[4]] + [(6, code) for code in ORDER[6]]:
        for option in options:
            if (option.family, option.code) == (family, code) and option.hints:
                found.append((f'dhcp{"6" if family == 6 else ""}-{code}', option.hints))
    return found


def redirect_url(case):
    place = 'gone' if case.service == 'silent' else 'service'
    return '' if case.service == 'none' else f'https://{address(place)}/{case.service}'


BY_RECORDS = f'[--srv] https://{DOMAIN}{OWN}'
RULES = {'knows': f'http://{address("provider")}{OWN}', 'astray': f'http://{address("gone")}{OWN}'}


def manual_rule(case):
    """What a person sets meanwhile."""
    return BY_RECORDS if case.by_rule else f'http://{address("manual")}{OWN}'


def records(case, scheme):
    """The hosts that the domain's SRV records name, in the order to try them (DISC-7)."""
    found = [record for record in SRV[case.srv or 'none'] if record[0] == scheme]
    return [host(place) for _scheme, _priority, _weight, place in sorted(found, key=lambda record: record[1:3])]


class Phone:
    """What a phone remembers."""

    def __init__(self, state='Open'):
        self.state = state
        self.provisioned = state in PROVISIONED
        self.source = PROVISIONED.get(state, '')
        self.rule = ''         # '': the factory's
        self.remembered = ''   # the URL that provisioned it
        self.by_records = False  # which SRV records led to
        self.lease = []        # the sources that DHCP named then


def phone_of(case):
    """The phone before the case."""
    phone = Phone(case.state)
    if case.state == 'Aborted' and case.before == BY_SRV:
        phone.remembered, phone.by_records, phone.source = f'https://{DOMAIN}{expand("/$PSN.xml")}', True, 'dns-srv'
        phone.lease = sources_of(lease_of(case))
    elif case.state == 'Aborted':
        scheme = 'https' if case.front == 'https' else 'http'
        place = ('old' if case.before.endswith('alive') else 'gone') + ('-https' if scheme == 'https' else '')
        phone.remembered = f'{scheme}://{address(place)}{expand("/$PSN.xml")}'
        text = f'{scheme}://{address(place)}'
        phone.lease = [('dhcp-66', [Hint('base', text)])] if case.before.startswith('other') else sources_of(lease_of(case))
    elif phone.provisioned:
        phone.rule = BY_RECORDS if case.by_rule else f'http://{address("own")}{OWN}'
    return phone


def place_of(url):
    """Of a request: URL, or URL@HOST where SRV records name the host."""
    url, at, target = url.partition('@')
    named = target if at else url.split('/')[2].strip('[]')
    return next(place for place in PLACES if named in (address(place), address(place, 6), host(place)))


class Run:
    """A phone that looks for its profile. delay: seconds that a slow server takes; domain: what the lease names."""

    def __init__(self, case, delay, domain):
        self.case, self.delay, self.domain = case, delay, domain
        self.phone = phone_of(case)
        self.options = lease_of(case)
        self.requests, self.tried = [], []
        self.pending = case.meanwhile
        self.now = 0

    def outcome(self):
        again = True
        while again:
            again = self.attempt()
        if self.pending not in ('', 'nothing'):
            # nobody was asked: it happens afterwards
            happens, self.pending = self.pending, ''
            self.happen(happens)
            self.attempt()
        return Outcome(self.requests, self.phone.state, self.phone.source, self.tried)

    def attempt(self):
        """One attempt; returns whether there is another one at once."""
        self.tried, self.silent, self.asked = [], set(), set()
        try:
            self.look()
        except Happened as what:
            self.happen(what.kind)
            return True
        again, self.lease_again = self.lease_again, False
        return again

    lease_again = False  # a lease that came meanwhile leads to another attempt

    def counts(self):
        """Whether a lease that comes now does (DISC-6)."""
        if self.phone.rule:
            return False
        if not self.phone.provisioned:
            return True
        return self.reaches() and sources_of(self.options) != self.phone.lease

    def happen(self, kind):
        if kind == 'manual rule':
            self.phone.rule = manual_rule(self.case)
        elif kind == 'new lease':
            self.options = new_lease()
        elif kind == 'factory reset':
            self.phone = Phone()

    def ask(self, url, left=BUDGET):
        """'good', 'failed' or 'silent'."""
        self.requests.append(url)
        if self.pending not in ('', 'nothing'):
            kind, self.pending = self.pending, ''
            if kind == 'new lease':
                # the attempt goes on, and the lease counts after it (DISC-6)
                self.options = new_lease()
                self.lease_again = self.counts()
            else:
                raise Happened(kind)
        place, scheme = place_of(url), url.partition(':')[0]
        does = behaviour(place, scheme)
        if does == 'dead':
            return 'silent'
        if does == 'slow':
            self.now += min(self.delay, left)
            if self.delay > left:
                return 'silent'
        path = '/' + url.partition('@')[0].split('/', 3)[3]
        return 'good' if does in ('slow', 'good') and path in profiles(place) else 'failed'

    def ask_by_records(self, url):
        """DISC-9: the servers of the records one after another, without any the host itself."""
        answer = 'failed'
        for one in [f'{url}@{target}' for target in records(self.case, url.partition(':')[0])] or [url]:
            answer = self.ask(one)
            if answer == 'good':
                break
        return answer

    def ask_rule(self):
        options, _, url = self.phone.rule.rpartition(' ')
        return self.ask_by_records(url) if options == '[--srv]' else self.ask(url)

    def ask_remembered(self):
        return self.ask_by_records(self.phone.remembered) if self.phone.by_records else self.ask(self.phone.remembered)

    def applied(self, source, url=None, by_records=False):
        phone = self.phone
        phone.provisioned = True
        phone.source = source
        phone.state = {'redirect': 'Acquired'}.get(source, phone.state if phone.state in ('Acquired', 'GDS-Acquired') else 'Aborted')
        phone.lease = self.lease_now
        if url:
            phone.remembered, phone.by_records = url, by_records

    def reaches(self):
        """Whether the lease leads anywhere without going below https (DISC-6)."""
        if not self.phone.remembered.startswith('https:'):
            return True
        return any(hint.kind == 'host' or hint.text.startswith('https:') for _name, hints in sources_of(self.options) for hint in hints)

    def look(self):
        phone = self.phone
        self.lease_now = sources_of(self.options)
        if phone.rule:
            if self.ask_rule() == 'good':
                self.applied('configured')
            return
        changed = bool(self.lease_now) and self.lease_now != phone.lease and self.reaches()
        if phone.provisioned and not changed:
            if self.ask_remembered() == 'good':
                self.applied(phone.source)
                return
        if self.discover():
            return
        if phone.provisioned and changed and self.ask_remembered() == 'good':
            then = phone.lease
            self.applied(phone.source)
            phone.lease = then

    def discover(self):
        """DISC-1: one way after another."""
        for source, hints in self.lease_now:
            began = self.now
            for url in [url for hint in hints for url in urls(hint)]:
                if self.try_one(source, url, began):
                    return True
        if self.domain and self.try_records(self.now):
            return True
        return not self.phone.provisioned and self.ask_service()

    def try_records(self, began):
        """DISC-7: each server of the domain's records at each default path."""
        servers = [(scheme, target) for scheme in ('https', 'http') for target in records(self.case, scheme)]
        if not servers:
            self.tried.append(('dns-srv', self.domain))
        return any(self.try_one('dns-srv', url, began, target) for scheme, target in servers for url in default_urls(f'{scheme}://{self.domain}'))

    def try_one(self, source, url, began, target=''):
        service = (*url.split('/', 3)[:3], target)
        if service in self.silent or (url, target) in self.asked or self.now - began >= BUDGET:
            return False
        self.asked.add((url, target))
        self.tried.append((source, url))
        if self.phone.remembered.startswith('https:') and not url.startswith('https:'):
            return False
        answer = self.ask(f'{url}@{target}' if target else url, BUDGET - (self.now - began))
        if answer == 'good':
            self.applied(source, url, bool(target))
        elif answer == 'silent':
            self.silent.add(service)
        return answer == 'good'

    def ask_service(self):
        """DISC-10, STATE-1, STATE-2."""
        phone, service = self.phone, self.case.service
        if service != 'none':
            phone.state = 'Pending'
            self.tried.append(('redirect', redirect_url(self.case)))
            answer = self.ask_redirect()
            if answer == 'unknown':
                phone.state = 'Unavailable'
            elif answer:
                phone.state = 'Custom-Pending'
                self.tried.append(('redirect', answer))
                if self.ask(answer) == 'good':
                    self.applied('redirect', answer)
                    phone.rule = answer
                    return True
        if self.case.activation:
            phone.state = 'GDS-Pending'
        return False

    def ask_redirect(self):
        if self.ask(redirect_url(self.case)) == 'silent' and self.case.service == 'silent':
            return ''
        return RULES.get(self.case.service, 'unknown')


class Happened(Exception):
    """What the case has happen, and that ends the attempt."""

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


def wire(url):
    """As the server that is asked sees it: an address that SRV records led to is its own; the name is that of the domain."""
    place = place_of(url)
    scheme, _, rest = url.partition('@')[0].partition('://')
    return f'{scheme}://{address(place)}/{rest.partition("/")[2]}' if place in DOMAIN_PLACES else url


def outcome(case, delay, domain=''):
    """What must be seen: the requests in order, the state and the source in the end, and what the last attempt tried."""
    return Run(case, delay, DOMAIN if case.srv else domain).outcome()


def _hex_options(options):
    return ' '.join(f'{"v6-" if one.family == 6 else ""}{one.code}:{one.value.hex()}' for one in options)


def _hex_sources(sources):
    """A lease that names these."""
    return ' '.join(f'{name.removeprefix("dhcp-")}:{";".join(hint.text for hint in hints).encode().hex()}' for name, hints in sources)


def sections(all_cases, delay):
    """What a program reads that is told nothing of the outcomes: groups of a key file."""
    programs = [(scheme, text, place) for scheme in ('tftp', 'http', 'https') for place in PLACES if behaviour(place, scheme) != 'dead'
                for text in sorted({address(place), address(place, 6), host(place)})]
    where = [f'{scheme} {text} {behaviour(place, scheme)}' for scheme, text, place in programs]
    paths = [' '.join(profiles(place)) if behaviour(place, scheme) in ('slow', 'good') else '' for scheme, _text, place in programs]
    where += [f'https {address("service")} empty']
    paths += ['']
    groups = {'servers': {'servers': ';'.join(where) + ';', 'paths': ';'.join(paths) + ';'}}
    for case in all_cases:
        phone = phone_of(case)
        same = case.state == 'Aborted' and not case.before.startswith('other')
        groups[str(case.number)] = {
            'state': case.state, 'provisioned': str(phone.provisioned).lower(), 'source': phone.source, 'rule': phone.rule,
            'remembered': phone.remembered, 'lease-then': _hex_options(lease_of(case)) if same else _hex_sources(phone.lease),
            'options': _hex_options(lease_of(case)), 'new-lease': _hex_options(new_lease()),
            'by-records': str(phone.by_records).lower(), 'domain': DOMAIN if case.srv else '',
            'records': ';'.join(f'{scheme} {priority} {weight} {host(place)} {443 if scheme == "https" else 80}'
                                for scheme, priority, weight, place in SRV[case.srv or 'none']),
            'manual': manual_rule(case), 'redirect': redirect_url(case), 'hint': RULES.get(case.service, ''),
            'activation': str(case.activation).lower(), 'meanwhile': '' if case.meanwhile == 'nothing' else case.meanwhile, 'delay': delay}
    return groups
