<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_GB" sourcelanguage="en_GB">
<context>
    <name>Rebalancer</name>
    <message numerus="yes">
        <source>%n pages have these words</source>
        <translation><numerusform>%n page has these words</numerusform><numerusform>%n pages have these words</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n rows were copied.</source>
        <translation><numerusform>%n row was copied.</numerusform><numerusform>%n rows were copied.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n rows were written into {file}.</source>
        <translation><numerusform>%n row was written into {file}.</numerusform><numerusform>%n rows were written into {file}.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n settings were changed.</source>
        <translation><numerusform>%n setting was changed.</numerusform><numerusform>%n settings were changed.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>Change %n settings?</source>
        <translation><numerusform>Change %n setting?</numerusform><numerusform>Change %n settings?</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>Halted: %n accounts</source>
        <translation><numerusform>Halted: %n account</numerusform><numerusform>Halted: %n accounts</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>Halted: {halted} of %n strategies</source>
        <translation><numerusform>Halted: {halted} of %n strategy</numerusform><numerusform>Halted: {halted} of %n strategies</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>Of %n of them the cost is not known.</source>
        <translation><numerusform>Of %n of them the cost is not known.</numerusform><numerusform>Of %n of them the cost is not known.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>Paused: %n strategies</source>
        <translation><numerusform>Paused: %n strategy</numerusform><numerusform>Paused: %n strategies</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>Running: %n strategies</source>
        <translation><numerusform>Running: %n strategy</numerusform><numerusform>Running: %n strategies</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>Show %n older</source>
        <translation><numerusform>Show %n older</numerusform><numerusform>Show %n older</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>Watch only: %n strategies</source>
        <translation><numerusform>Watch only: %n strategy</numerusform><numerusform>Watch only: %n strategies</numerusform></translation>
    </message>
</context>
</TS>
