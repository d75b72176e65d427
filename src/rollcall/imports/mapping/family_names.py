"""Frequent family names of languages that write them first, and export them both ways.

Only those that are hardly anybody's given name elsewhere; in lower case, with and without accents.
"""

from __future__ import annotations

HUNGARIAN = """
    nagy kovács kovacs tóth toth szabó szabo horváth horvath varga kiss molnár molnar németh
    nemeth farkas balogh papp takács takacs juhász juhasz lakatos mészáros meszaros oláh rácz
    racz fekete szilágyi szilagyi fehér feher szűcs szucs kocsis pintér pinter fodor szalai
    sipos lukács gulyás gulyas bíró biró király kiraly katona jakab bogdán boros hegedűs hegedus
    kelemen somogyi vincze orsós
"""
VIETNAMESE = """
    nguyễn nguyen trần tran lê phạm pham huỳnh huynh hoàng hoang phan vũ võ đặng dang bùi bui đỗ
    hồ ngô ngo dương duong lý đinh dinh trịnh trinh vương vuong
"""
CHINESE = "wang zhang liu chen zhao huang zhou zhu guo luo zheng liang xie xu"
KOREAN = "choi jeong park kang cho yoon"

FAMILY_NAMES_THAT_COME_FIRST = frozenset(f"{HUNGARIAN} {VIETNAMESE} {CHINESE} {KOREAN}".split())
