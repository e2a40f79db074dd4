# SPDX-License-Identifier: LGPL-2.1-or-later
"""What compiled rooms need from outside, as nm and readelf tell it."""

import re
import subprocess

PURE = ('base', 'params', 'rule', 'plan', 'dhcp', 'tftp', 'profile', 'ipc')

# by which the world would come in: files, sockets, processes, clocks, environment, chance, bus, journal, loops, threads
DENIED = re.compile('|'.join((
    r'(v?f|d|v|vd)?printf|__(v?f|d|v|vd)?printf_chk|puts|fputs|putc|putchar|fputc|perror|std(in|out|err)',
    r'f?open(64|at|at64)?|creat(64)?|freopen(64)?|fdopen|p?read(v|64)?|__p?read(64)?_chk|p?write(v|64)?|f(read|write|gets|close|flush)',
    r'close|dup[23]?|pipe2?|fcntl(64)?|ioctl|poll|ppoll|select|epoll_\w+|mmap(64)?|l?seek(64)?|sendfile(64)?',
    r'[fl]?stat(64|x|at|fs)?|fstatat(64)?|access|faccessat|unlink(at)?|rename(at2?)?|link(at)?|symlink(at)?|mk(dir|fifo|nod)(at)?',
    r'mk(s|os|d)temp(64)?|tmpfile(64)?|opendir|readdir(64)?|f?truncate(64)?|fsync|fdatasync|f?chmod|f?chown|getcwd|chdir',
    r'socket(pair)?|connect|bind|listen|accept4?|send(to|msg)?|recv(from|msg)?|[gs]etsockopt|getaddrinfo|gethostby\w+|res_\w+',
    r'fork|vfork|exec\w+|posix_spawn\w*|system|popen|wait(pid|id)?|kill|raise|signal|sigaction|_?exit|daemon|dl(open|sym)',
    r'time|times|clock|clock_\w+|gettimeofday|localtime(_r)?|mktime|ctime(_r)?|tz(set|name)|nanosleep|u?sleep|timer\w+|alarm',
    r'(secure_)?getenv|setenv|putenv|environ|setlocale|getpid|get[eu]?[ug]id|getpw\w+|gethostname|uname|sysconf',
    r'random(_r)?|s?rand(om)?(_r)?|[delmn]rand48|getrandom|getentropy|arc4random\w*',
    r'syslog|vsyslog|openlog|sd_\w+|pthread_(create|mutex_lock)|sched_\w+',
    r'g_(random|rand)_\w+|g_uuid_\w+|g_file_\w+|g_dir_\w+|g_mkdir\w*|g_mkstemp\w*|g_mapped_file_\w+|g_(open|fopen|unlink|remove|rename|stat|access|chdir|rmdir)',
    r'g_log\w*|g_print(err)?|g_warn_message|g_on_error_\w+|g_test_\w+',
    r'g_get_(real|monotonic|current)_time|g_get_(user|host|home|real|tmp|system|environ|current|prgname|application|charset|language)\w*',
    r'g_date_time_new_(now|local|from_unix_local|from_timeval)\w*|g_time_zone_new_local|g_usleep|g_timer_\w+',
    r'g_(get|set|unset|list)env|g_main_\w+|g_timeout_\w+|g_idle_\w+|g_source_\w+|g_io_\w+|g_unix_\w+|g_spawn_\w+|g_thread_\w+|g_once_\w+',
    r'g_dbus_\w+|g_bus_\w+|g_socket_\w+|g_resolver_\w+|g_application_\w+|g_settings_\w+|g_subprocess_\w+|g_(mutex|cond|rw_lock)_\w+',
    r'soup_\w+|nm_\w+|seccomp_\w+|json_\w+',
)))
# only profile/ has a parser and a cryptographic library
ONLY_PROFILE = re.compile(r'gnutls_\w+|xml[A-Z_]\w*|inflate\w*')
# reading a network or a file is no more welcome from a library that is allowed otherwise
NEVER = re.compile(r'xml(ReadFile|ParseFile|CtxtReadFile|NewTextReaderFilename|SaveFile\w*|Nano\w+)|gnutls_(global_set_time\w*|rnd|record_\w+|certificate_set_x509_\w*file)')

# GLib's quark of an error domain: set once, to what it always would be; the checkers of a sanitizer build keep their own
STATE_ALLOWED = re.compile(r'q\.\d+|quark\.\d+|\w*_quark_\w*|static_g_define_type_id\.\d+|__(odr_)?asan\w*|\.Lubsan\w*|\w*ubsan\w*|__gcov\w*')
STATE_SECTIONS = re.compile(r'\.(data|bss|tdata|tbss)(\.(?!rel\.ro)\S+)?|\*COM\*')


def _run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C'}).stdout


def needed_symbols(archive):
    """Names that the members of an archive need, without versions."""
    return sorted({line.split()[0].split('@')[0] for line in _run('nm', '-u', '-P', archive).split('\n')
                   if line and not line.rstrip().endswith(':')})


def defined_symbols(archive):
    return {line.split()[0] for line in _run('nm', '--defined-only', '-P', archive).split('\n')
            if line and not line.rstrip().endswith(':')}


def denied(room, symbols):
    """Those of the symbols that a pure room has no business with."""
    return [symbol for symbol in symbols if DENIED.fullmatch(symbol) or NEVER.fullmatch(symbol) or
            (room != 'profile' and ONLY_PROFILE.fullmatch(symbol))]


def mutable_state(archive):
    """Objects in writable memory that are no constant after relocation."""
    found = []
    for line in _run('readelf', '--wide', '--syms', '--section-headers', archive).split('\n'):
        header = re.match(r'\s*\[\s*(\d+)\]\s+(\S+)\s', line)
        if 'There are' in line:
            sections = {}
        elif header:
            sections[header.group(1)] = header.group(2)
        else:
            symbol = re.match(r'\s*\d+:\s+\S+\s+\S+\s+(?:OBJECT|COMMON|TLS)\s+\S+\s+\S+\s+(\S+)\s+(\S+)', line)
            if symbol is None or STATE_ALLOWED.fullmatch(symbol.group(2)):
                continue
            section = '*COM*' if symbol.group(1) == 'COM' else sections.get(symbol.group(1), '')
            if STATE_SECTIONS.fullmatch(section):
                found.append(symbol.group(2))
    return sorted(found)


def needed_libraries(program):
    return re.findall(r'\(NEEDED\).*\[(.+)\]', _run('readelf', '--dynamic', '--wide', program))
