# SPDX-License-Identifier: LGPL-2.1-or-later
"""Forty copies of the samples with one fault each, as people make them: check must name it, at its place."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from collections import namedtuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import samples  # noqa: E402
from lib import tap  # noqa: E402

# The fault is made by writing new in the place of old, which stands once in the file. check must then say kind and name (what the message
# is about, or a part of it) in the line where `at` stands (the first line of new, unless given), and at its column where `exact`.
Fault = namedtuple('Fault', 'what file old new kind name at exact', defaults=(None, True))

FAULTS = (
    Fault('a misspelt name', 'common.xml', '<Profile_Rule   ua="na">https://prov.carrier.example/common/$PSN.xml</Profile_Rule>',
          '<Profil_Rule ua="na">https://prov.carrier.example/common/$PSN.xml</Profil_Rule>', 'unknown-name', 'Profile_Rule'),
    Fault('a name in other letters', 'phone.xml', '<Station_Name ua="na">4001</Station_Name>', '<station_name>4001</station_name>',
          'unknown-name', 'Station_Name'),
    Fault('two letters changed about', 'phone.xml', '<User_ID_1_ ua="na">+4989123450</User_ID_1_>', '<Uesr_ID_1_>1</Uesr_ID_1_>',
          'unknown-name', 'User_ID_1_'),
    Fault('an underscore left out', 'phone.xml', '<Display_Name_1_ ua="na">Empfang</Display_Name_1_>',
          '<Display_Name_1>Empfang</Display_Name_1>', 'unknown-name', 'Display_Name_1_'),
    Fault('a line that the phone has not', 'phone.xml', '<Line_Enable_2_ ua="na">No</Line_Enable_2_>', '<Line_Enable_17_>No</Line_Enable_17_>',
          'unknown-name', 'Line_Enable_17_'),
    Fault('a misspelt old name', 'report.xml', '<Log_Resync_Request_Msg>$PN $MAC -- resync $SCHEME://$SERVIP:$PORT$PATH</Log_Resync_Request_Msg>',
          '<Log_Resync_Reqest_Msg>x</Log_Resync_Reqest_Msg>', 'unknown-name', 'Log_Resync_Request_Msg'),
    Fault('a misspelt name in the plain-text form', 'plain.txt', 'Provision_Enable ', 'Provision_Enabel ', 'unknown-name', 'Provision_Enable'),
    Fault('a number beyond the range', 'triggers.xml', '<Resync_At_Random_Delay>3600<', '<Resync_At_Random_Delay>360<', 'bad-value', '600-65535'),
    Fault('a number with a unit', 'triggers.xml', '<Forced_Resync_Delay>0<', '<Forced_Resync_Delay>4h<', 'bad-value', 'Forced_Resync_Delay'),
    Fault('a word that is none of the list', 'phone.xml', '<SIP_Transport_1_ ua="na">TLS<', '<SIP_Transport_1_ ua="na">SSL<', 'bad-value',
          'UDP|TCP|TLS|AUTO'),
    Fault('a zone in other words', 'common.xml', '>GMT+01:00<', '>Europe/Berlin<', 'bad-value', 'Time_Zone', exact=False),
    Fault('a truth in another language', 'phone.xml', '<Line_Enable_1_ ua="na">Yes<', '<Line_Enable_1_ ua="na">Ja<', 'bad-value', 'Line_Enable_1_'),
    Fault('a time that no day has', 'triggers.xml', '<Resync_At__HHmm_>0330<', '<Resync_At__HHmm_>0370<', 'bad-value', 'Resync_At__HHmm_'),
    Fault('an address of five parts', 'lan.xml', '<Primary_DNS>192.168.1.1<', '<Primary_DNS>192.168.1.1.1<', 'bad-value', 'Primary_DNS'),
    Fault('a server with two ports', 'report.xml', '<Syslog_Server>203.0.113.9:5140<', '<Syslog_Server>203.0.113.9:514:0<', 'bad-value',
          'Syslog_Server'),
    Fault('a letter in a list', 'preprovision.xml', '60,300,1800,3600', '60,3o0,1800,3600', 'bad-value', 'Resync_Error_Retry_Delay', '3o0'),
    Fault('an odd list on two lines', 'windows.xml', '240,480', '240;480', 'bad-value', 'Resync_Error_Retry_Delay', '240;480'),
    Fault('a list with blanks for commas', 'triggers.xml', '60+30,300+60,3600', '60+30 300+60 3600', 'bad-value', 'Resync_Error_Retry_Delay',
          '60+30 300+60'),
    Fault('an element that is not closed', 'phone.xml', 'Empfang</Display_Name_1_>', 'Empfang', 'corrupt', '<Display_Name_1_>', '</flat-profile>',
          exact=False),
    Fault('an element closed by another name', 'phone.xml', '<Station_Name ua="na">4001</Station_Name>',
          '<Station_Name ua="na">4001</Station_Nam>', 'corrupt', '<Station_Name>', '</Station_Nam>'),
    Fault('a file cut short', 'keys.xml', '  <PSK_1>fnc=sd;ext=*97;nme=Mailbox</PSK_1>\n</flat-profile>\n', '  <PSK_1>fnc=sd;ext=', 'corrupt', 'PSK_1',
          'fnc=sd;ext=', exact=False),
    Fault('a bare ampersand', 'query.xml', '$MA&amp;model', '$MA&model', 'corrupt', '&amp;', 'Profile_Rule', exact=False),
    Fault('a placeholder left in', 'stages.xml', 'http://fw.carrier.example/sip88xx.11-0-1MPP-477.loads', 'http://<your server>/x.loads', 'corrupt',
          'attribute', '<your server>', exact=False),
    Fault('two hyphens in a comment', 'phone.xml', '<!-- 00562b043615.xml -->', '<!-- 00562b043615.xml -- old -->', 'corrupt', 'comment',
          exact=False),
    Fault('quotes from a word processor', 'router.xml', '<Station_Name ua="ro">', '<Station_Name ua=“ro”>', 'corrupt', 'quotes', exact=False),
    Fault('a quote left open in the plain-text form', 'plain.txt', '"7200" ;', '"7200 ;', 'corrupt', '“;”', 'https://prov.carrier.example/$MA.cfg'),
    Fault('a semicolon left out in the plain-text form', 'plain.txt', '"x";GPP_B', '"x" GPP_B', 'corrupt', '“;”', 'GPP_B'),
    Fault('a rule without a condition before the last', 'assign.xml', '($PRVST eq 2 and $PRVTMR gt 600)? https://backup', 'https://backup',
          'bad-rule', 'condition', '| [--srv]'),
    Fault('an unknown option', 'common.xml', '[--uid "$MA" --pwd "$SA"]', '[--user "$MA" --pwd "$SA"]', 'bad-rule', '--user', '--user'),
    Fault('a bracket left open', 'common.xml', '--pwd "$SA"] https', '--pwd "$SA" https', 'bad-rule', 'Profile_Rule_B', 'https://prov.carrier.example/phone'),
    Fault('a text without quotes in a condition', 'stages.xml', '"$PN" ne "CP-8811-3PCC"', '$PN ne CP-8811-3PCC', 'bad-rule', 'quotes',
          'CP-8811-3PCC)'),
    Fault('a version that is none', 'stages.xml', '$SWVER lt 11.2.1)', '$SWVER lt 11.2.x)', 'bad-rule', 'version', '11.2.x)'),
    Fault('an operator that is none', 'triggers.xml', '$PRVTMR ge 600', '$PRVTMR => 600', 'bad-rule', 'Resync_Trigger_1', '> 600'),
    Fault('a condition left open', 'stages.xml', '($SWVER lt 11.0.1)?', '($SWVER lt 11.0.1 ?', 'bad-rule', '“)”', '($SWVER lt 11.0.1 ?'),
    Fault('a third report rule', 'report.xml', '-status.xml;<', '-status.xml; https://x.example/y<', 'bad-rule', 'Report_Rule', 'https://x.example/y'),
    Fault('a scheme that is none', 'preprovision.xml', 'https://provisioning', 'ftps://provisioning', 'bad-rule', 'https://', 'ftps://provisioning'),
    Fault('a parameter twice', 'phone.xml', '<Line_Enable_2_ ua="na">No<', '<Station_Name>4002</Station_Name>\n  <Line_Enable_2_ ua="na">No<',
          'duplicate', 'line 4'),
    Fault('a password by http', 'common.xml', '"$SA"] https://', '"$SA"] http://', 'clear-text', 'password', 'http://prov'),
    Fault('secrets by http', 'sealed.xml', '[--key $SB] tftp', 'tftp', 'clear-text', 'GPP_SB (line 3)', 'tftp://'),
    Fault('an access that is none', 'router.xml', '<Primary_DNS ua="rw">', '<Primary_DNS ua="r/w">', 'passed-over', 'Primary_DNS'),
)


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='field-')
        cls.addClassCleanup(cls.folder.cleanup)

    def spoil(self, fault):
        """Writes the copy; returns its path and the line and column where the fault is."""
        sample = next(sample for sample in samples.SAMPLES if sample.file == fault.file)
        with open(os.path.join(samples.FOLDER, fault.file), encoding='utf-8') as file:
            text = file.read()
        self.assertEqual(text.count(fault.old), 1, fault.what)
        text = text.replace(fault.old, fault.new)
        where = text.index(fault.at or fault.new, text.index(fault.new) if (fault.at or '') in fault.new else 0)
        line = text[:where].count('\n') + 1
        column = where - (text.rfind('\n', 0, where) + 1) + 1
        path = os.path.join(self.folder.name, 'profile')
        with open(path, 'wb') as file:
            file.write(samples.windows(text.encode()) if sample.dress is samples.windows else text.encode())
        return path, line, column

    def says(self, fault):
        """What is wrong with what check says; '' if nothing is."""
        path, line, column = self.spoil(fault)
        done = subprocess.run([samples.CTL, '--json', '--catalogue', samples.CATALOGUE, 'check', path], stdout=subprocess.PIPE, text=True,
                              check=False)
        found = json.loads(done.stdout)['faults']
        if len(found) != 1:
            return f'{len(found)} faults: {found}'
        told, = found
        words = f'{told["name"]} {told["message"]} {told["suggestion"]}'
        if told['kind'] != fault.kind or fault.name not in words:
            return f'{told["kind"]}: {words}'
        if told['line'] != line or (fault.exact and told['column'] != column):
            return f'line {told["line"]}, column {told["column"]}, and not {line}, {column}'
        if done.returncode != (1 if told['severity'] == 'error' else 0):
            return f'status {done.returncode}'
        return ''

    def test_servers_in_a_row(self):
        """a “;” separates servers in options of DHCP, and in a rule it is a part of the path: that is said (RULE-7, DISC-4)"""
        for file, old in (('common.xml', 'https://prov.carrier.example/common/$PSN.xml'), ('report.xml', '$MA-delta.xml')):
            fault = Fault('servers in a row', file, old, f'{old};https://backup.carrier.example/x.xml', 'bad-rule', 'separates no servers',
                          'https://backup')
            self.assertEqual(self.says(fault), '')

    def test_found(self):
        """check finds each of 40 faults, with its line and its name (PROF-6, RULE-10)"""
        self.assertEqual(len(FAULTS), 40)
        missed = {fault.what: says for fault in FAULTS if (says := self.says(fault))}
        self.assertEqual(missed, {}, json.dumps(missed, indent=1, ensure_ascii=False))


if __name__ == '__main__':
    tap.main(None)
