<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en_GB">
<context>
    <name>Engine</name>
    <message>
        <source> (about {plain} {bnb})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> (etwa {plain} {bnb})</translation>
    </message>
    <message>
        <source> (process {holder})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> (Prozess {holder})</translation>
    </message>
    <message>
        <source> 1 order of this program at the exchange is not in it ({ids}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> 1 Order dieses Programms an der Börse ist nicht darin ({ids}).</translation>
    </message>
    <message>
        <source> Back in the free pool besides the money: {coins}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> Zurück im freien Bestand sind außer dem Geld: {coins}.</translation>
    </message>
    <message>
        <source> It was begun with another key, so the present one needs a contact of its own.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> Er wurde mit einem anderen Schlüssel begonnen, darum braucht der jetzige einen eigenen Erstkontakt.</translation>
    </message>
    <message>
        <source> The account is on watch only until you have looked at it and switch trading on again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> Das Konto beobachtet nur, bis Sie nachgesehen haben und den Handel wieder einschalten.</translation>
    </message>
    <message>
        <source> With {names} at least one order can be sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> Mit {names} kann mindestens eine Order gesendet werden.</translation>
    </message>
    <message>
        <source> and no </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> und kein </translation>
    </message>
    <message>
        <source> and {amount} {asset}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> und {amount} {asset}</translation>
    </message>
    <message>
        <source> and {rest} more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> und {rest} weitere</translation>
    </message>
    <message>
        <source> and {value} more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> und {value} weitere</translation>
    </message>
    <message>
        <source> by a newer version of the program</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> von einer neueren Version des Programms</translation>
    </message>
    <message>
        <source> with a known market cap</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> mit bekannter Marktkapitalisierung</translation>
    </message>
    <message>
        <source> with live prices</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> mit laufenden Preisen</translation>
    </message>
    <message>
        <source> {unknown} orders of this program at the exchange are not in it ({ids}{more}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> {unknown} Orders dieses Programms an der Börse sind nicht darin ({ids}{more}).</translation>
    </message>
    <message>
        <source>"basis" must be {bases}, not {basis}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"basis" muss {bases} sein, nicht {basis}.</translation>
    </message>
    <message>
        <source>"destination" must be "{destination}", not {destination2}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"destination" muss "{destination}" sein, nicht {destination2}.</translation>
    </message>
    <message>
        <source>"id" must begin with "own-" and hold small letters, digits and hyphens.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"id" muss mit "own-" beginnen und kleine Buchstaben, Ziffern und Bindestriche enthalten.</translation>
    </message>
    <message>
        <source>"kind" must be {kinds}, not {kind}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"kind" muss {kinds} sein, nicht {kind}.</translation>
    </message>
    <message>
        <source>"made" must be a date such as "2026-11-27".</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"made" muss ein Datum wie "2026-11-27" sein.</translation>
    </message>
    <message>
        <source>"max_quantity" must be at least "min_quantity", {least}, not {most}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"max_quantity" muss mindestens so groß wie "min_quantity" sein, {least}, nicht {most}.</translation>
    </message>
    <message>
        <source>"price" or "return"</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"price" oder "return"</translation>
    </message>
    <message>
        <source>"rate" is in percent and must be under 100, not {rate}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"rate" ist in Prozent und muss unter 100 liegen, nicht bei {rate}.</translation>
    </message>
    <message>
        <source>"ratio" (by coin ratio), "time" or "band" (auto band)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"ratio" (nach Anteil), "time" oder "band" (Auto-Band)</translation>
    </message>
    <message>
        <source>"taken_in" must be one of {sides}, not {named}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"taken_in" muss eines von {sides} sein, nicht {named}.</translation>
    </message>
    <message>
        <source>"weighting" must be one of {legal}, not {text}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"weighting" muss eines von {legal} sein, nicht {text}.</translation>
    </message>
    <message>
        <source>"{key}" must be above 0, not {number}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"{key}" muss über 0 liegen, nicht bei {number}.</translation>
    </message>
    <message>
        <source>"{key}" must be {legal}, with at most 6 digits after the point.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>"{key}" muss {legal} sein, mit höchstens 6 Stellen nach dem Punkt.</translation>
    </message>
    <message>
        <source>, from the cache</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, aus dem Zwischenspeicher</translation>
    </message>
    <message>
        <source>, held coins included</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, mit den eingebrachten Coins</translation>
    </message>
    <message>
        <source>, late: it was passed before the program looked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, verspätet: Er wurde überschritten, bevor das Programm hinsah</translation>
    </message>
    <message>
        <source>, the first after {moment_text}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, der erste nach {moment_text}</translation>
    </message>
    <message>
        <source>, with at most {whole_digits} digits before and {places} after the point</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, mit höchstens {whole_digits} Stellen vor und {places} nach dem Punkt</translation>
    </message>
    <message>
        <source>, {fresh} candles new, the rest from the cache</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, {fresh} Kerzen neu, der Rest aus dem Zwischenspeicher</translation>
    </message>
    <message>
        <source>, {skipped} skipped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, {skipped} ausgelassen</translation>
    </message>
    <message>
        <source>- and {more} more: the journal has them all.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>- und {more} weitere: Das Journal hat sie alle.</translation>
    </message>
    <message>
        <source>0 was taken</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>0 wurde angenommen</translation>
    </message>
    <message>
        <source>1 bar</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Kerze</translation>
    </message>
    <message>
        <source>1 coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Coin</translation>
    </message>
    <message>
        <source>1 day</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Tag</translation>
    </message>
    <message>
        <source>1 hour</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Stunde</translation>
    </message>
    <message>
        <source>1 minute</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Minute</translation>
    </message>
    <message>
        <source>1 order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Order</translation>
    </message>
    <message>
        <source>1 second</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Sekunde</translation>
    </message>
    <message>
        <source>1 strategy was halted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Strategie wurde angehalten</translation>
    </message>
    <message>
        <source>1 to 15 capital letters A-Z and digits</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 bis 15 Großbuchstaben A-Z und Ziffern</translation>
    </message>
    <message>
        <source>1 week</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Woche</translation>
    </message>
    <message>
        <source>1 {other} is worth {plain} {money}: one of both has lost its dollar</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 {other} ist {plain} {money} wert: Einer von beiden hat seinen Dollar verloren</translation>
    </message>
    <message>
        <source>; not used: {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>; nicht verwendet: {names}</translation>
    </message>
    <message>
        <source>; numbers like {style}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>; Zahlen wie {style}</translation>
    </message>
    <message>
        <source>; there is no volume</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>; es gibt kein Volumen</translation>
    </message>
    <message>
        <source>; {asset} skipped: {reason}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>; {asset} ausgelassen: {reason}</translation>
    </message>
    <message>
        <source>A backtest takes its fee in the asset received or in the quote asset.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Backtest nimmt seine Gebühr in dem, was man erhält, oder in der Quote-Währung.</translation>
    </message>
    <message>
        <source>A backup cannot be made in {folder}: {strerror}. The ledger was left as it is.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In {folder} kann keine Sicherung gemacht werden: {strerror}. Das Kontobuch blieb, wie es ist.</translation>
    </message>
    <message>
        <source>A backup of everything was made for the console and checked.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Sicherung von allem wurde für die Konsole gemacht und geprüft.</translation>
    </message>
    <message>
        <source>A backup was made and checked: {name}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Sicherung wurde gemacht und geprüft: {name}.</translation>
    </message>
    <message>
        <source>A channel's name has at most {max_name} printable characters.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Name eines Kanals hat höchstens {max_name} druckbare Zeichen.</translation>
    </message>
    <message>
        <source>A coin is there twice: each coin may stand in a preset once.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Coin ist doppelt: Jeder Coin darf in einer Vorlage einmal stehen.</translation>
    </message>
    <message>
        <source>A fee could not be returned yet and is tried again at each check: {message}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Gebühr konnte noch nicht zurückgegeben werden und wird bei jeder Prüfung erneut versucht: {message}</translation>
    </message>
    <message>
        <source>A first contact is under way.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Erstkontakt läuft.</translation>
    </message>
    <message>
        <source>A first contact was cut short and another key was put in. {what_to_do}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Erstkontakt wurde unterbrochen und ein anderer Schlüssel eingesetzt. {what_to_do}</translation>
    </message>
    <message>
        <source>A gate of {gate} % is not legal: {legal}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Mindestabweichung von {gate} % ist nicht zulässig: {legal}.</translation>
    </message>
    <message>
        <source>A key has {min_key} to {max_key} letters, digits and signs, without blanks.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Schlüssel hat {min_key} bis {max_key} Buchstaben, Ziffern und Zeichen, ohne Leerzeichen.</translation>
    </message>
    <message>
        <source>A key must be {legal}, not {wrong}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Schlüssel muss {legal} sein, nicht {wrong}.</translation>
    </message>
    <message>
        <source>A key of {name} has a passphrase, which you chose when you made the key.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu einem Schlüssel von {name} gehört eine Passphrase, die Sie beim Anlegen des Schlüssels gewählt haben.</translation>
    </message>
    <message>
        <source>A key that may withdraw is refused for live trading.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Schlüssel, der auszahlen darf, wird für den echten Handel abgelehnt.</translation>
    </message>
    <message>
        <source>A leg is left out when its price moved further against us since the plan. A rule of every order.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Einzelorder wird weggelassen, wenn sich ihr Preis seit dem Plan weiter gegen uns bewegt hat. Eine Regel jeder Order.</translation>
    </message>
    <message>
        <source>A live account only watches until its name is typed; a restored file, a new key or a new machine puts it back.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein echtes Konto beobachtet nur, bis sein Name getippt ist; eine zurückgespielte Datei, ein neuer Schlüssel oder ein neuer Rechner setzt es zurück.</translation>
    </message>
    <message>
        <source>A live strategy is running</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine echte Strategie läuft</translation>
    </message>
    <message>
        <source>A name has at most {max_name_length} visible characters, and no others.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Name hat höchstens {max_name_length} sichtbare Zeichen und keine anderen.</translation>
    </message>
    <message>
        <source>A new ledger cannot be made in {parent}: {strerror}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In {parent} kann kein neues Kontobuch angelegt werden: {strerror}.</translation>
    </message>
    <message>
        <source>A new name has 2 to 10 characters: capital letters A to Z and digits.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein neuer Name hat 2 bis 10 Zeichen: Großbuchstaben A bis Z und Ziffern.</translation>
    </message>
    <message>
        <source>A passphrase has at least {shortest_passphrase} characters.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Passphrase hat mindestens {shortest_passphrase} Zeichen.</translation>
    </message>
    <message>
        <source>A path with control characters cannot stand in an autostart file.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Pfad mit Steuerzeichen kann nicht in einer Autostart-Datei stehen.</translation>
    </message>
    <message>
        <source>A price that jumps further must be seen three times over 60 seconds before anything rests on it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Preis, der weiter springt, muss dreimal über 60 Sekunden gesehen werden, bevor etwas auf ihm beruht.</translation>
    </message>
    <message>
        <source>A price that stays so many times higher or lower is a coin with new units, not a gain or a loss.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Preis, der so vielfach höher oder niedriger bleibt, ist ein Coin mit neuen Einheiten, kein Gewinn oder Verlust.</translation>
    </message>
    <message>
        <source>A rebalance is due since {since} UTC and was skipped each time: {why}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Rebalancing ist seit {since} UTC fällig und wurde jedes Mal ausgelassen: {why}</translation>
    </message>
    <message>
        <source>A rebalance is skipped for long</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Rebalancing lange ausgelassen wird</translation>
    </message>
    <message>
        <source>A rebalance that was due for so many hours and not carried out is told.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Rebalancing, das so viele Stunden fällig war und nicht ausgeführt wurde, wird gemeldet.</translation>
    </message>
    <message>
        <source>A removal of {name} is on its way: wait until it is done.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Entnahme von {name} ist unterwegs: Warten Sie, bis sie fertig ist.</translation>
    </message>
    <message>
        <source>A return of {level} % would fire at once: it must be {side} 0 %.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Rendite von {level} % würde sofort auslösen: Sie muss {side} 0 % liegen.</translation>
    </message>
    <message>
        <source>A stop-loss was reached</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Stop-Loss erreicht wurde</translation>
    </message>
    <message>
        <source>A strategy or the account is halted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Strategie oder das Konto angehalten ist</translation>
    </message>
    <message>
        <source>A strategy that sends order after order is doing something wrong.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Strategie, die Order um Order sendet, macht etwas falsch.</translation>
    </message>
    <message>
        <source>A take-profit was reached</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Take-Profit erreicht wurde</translation>
    </message>
    <message>
        <source>A threshold of {threshold} % is not legal: {legal}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Schwellenwert von {threshold} % ist nicht zulässig: {legal}.</translation>
    </message>
    <message>
        <source>A value of the preset's file is missing and nothing was noted.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In der Datei der Vorlage fehlt ein Wert, und nichts wurde vermerkt.</translation>
    </message>
    <message>
        <source>A value of the strategy file is missing and nothing was noted.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In der Strategiedatei fehlt ein Wert, und nichts wurde vermerkt.</translation>
    </message>
    <message>
        <source>A wrong price or weight must not turn a whole portfolio over in one order. Building, adding, changing and stopping were confirmed on a preview and are exempt.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein falscher Preis oder ein falsches Gewicht darf nicht ein ganzes Portfolio in einer Order umwälzen. Aufbauen, Hinzufügen, Ändern und Beenden wurden in einer Vorschau bestätigt und sind ausgenommen.</translation>
    </message>
    <message>
        <source>A {field} of {value} characters is too long for a keyring.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{field} mit {value} Zeichen ist zu lang für einen Schlüsselbund.</translation>
    </message>
    <message>
        <source>A {word} on the return must be above -100 %, where all is lost.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein {word} an der Rendite muss über -100 % liegen, wo alles verloren ist.</translation>
    </message>
    <message>
        <source>Account has insufficient balance for requested action.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Guthaben des Kontos reicht für die Aktion nicht aus.</translation>
    </message>
    <message>
        <source>An address begins with https:// and names a host; {text} does not.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Adresse beginnt mit https:// und nennt einen Rechner; {text} tut das nicht.</translation>
    </message>
    <message>
        <source>An exchange that refuses order after order must not be asked for ever.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Börse, die Order um Order ablehnt, darf nicht ewig gefragt werden.</translation>
    </message>
    <message>
        <source>An old backup could not be deleted: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine alte Sicherung konnte nicht gelöscht werden: {error}.</translation>
    </message>
    <message>
        <source>An order came to a venue that is watched only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Order kam bei einer Börse an, die nur beobachtet wird.</translation>
    </message>
    <message>
        <source>An order needs my decision</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über eine Order zu entscheiden ist</translation>
    </message>
    <message>
        <source>An order of {name} is on its way: change its coins when it is done.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Order von {name} ist unterwegs: Ändern Sie ihre Coins, wenn sie fertig ist.</translation>
    </message>
    <message>
        <source>An order that is large for its market moves the price against itself. Counts where the exchange tells the volume.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine für ihren Markt große Order bewegt den Preis gegen sich. Zählt, wo die Börse das Volumen nennt.</translation>
    </message>
    <message>
        <source>An order that was proven absent turned up at the exchange ({what}). What it traded is booked. Look at the orders before it goes on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Order, deren Fehlen bewiesen war, tauchte an der Börse auf ({what}). Was sie gehandelt hat, ist gebucht. Sehen Sie die Orders an, bevor es weitergeht.</translation>
    </message>
    <message>
        <source>An order was open at the last end ({what}): {state}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Order war beim letzten Ende offen ({what}): {state}.</translation>
    </message>
    <message>
        <source>An upper bound that no percentage can stretch. Empty: no bound.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Obergrenze, die kein Prozentsatz dehnen kann. Leer: keine Grenze.</translation>
    </message>
    <message>
        <source>Apprise does not understand this address: look at the examples in the guide.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Apprise versteht diese Adresse nicht: Sehen Sie sich die Beispiele in der Anleitung an.</translation>
    </message>
    <message>
        <source>Apprise no longer understands its address: remove the channel and add it again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Apprise versteht die Adresse nicht mehr: Entfernen Sie den Kanal und fügen Sie ihn neu hinzu.</translation>
    </message>
    <message>
        <source>Approve mode: a rebalance is sent when you approve it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Genehmigungsmodus: Ein Rebalancing wird gesendet, wenn Sie es genehmigen.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Ask each time</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jedes Mal fragen</translation>
    </message>
    <message>
        <source>At most {largest} {quote}: {most}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Höchstens {largest} {quote}: {most}.</translation>
    </message>
    <message>
        <source>Automatic mode: a rebalance is sent when its rule triggers.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Automatikmodus: Ein Rebalancing wird gesendet, wenn seine Regel auslöst.</translation>
    </message>
    <message>
        <source>BNB for fees runs low</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>BNB für Gebühren knapp werden</translation>
    </message>
    <message>
        <source>BNB is low below</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>BNB knapp unter</translation>
    </message>
    <message>
        <source>Bars after {last} are left out: {names} has no more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen nach {last} werden weggelassen: {names} hat keine mehr.</translation>
    </message>
    <message>
        <source>Bars before {first} are left out: {names} has none yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen vor {first} werden weggelassen: {names} hat noch keine.</translation>
    </message>
    <message>
        <source>Begin a new ledger</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein neues Kontobuch beginnen</translation>
    </message>
    <message>
        <source>Begin the paper account anew</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Übungskonto neu beginnen</translation>
    </message>
    <message>
        <source>Between a bid and an ask far apart nobody knows what a coin is worth.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Liegen Geld- und Briefkurs weit auseinander, weiß niemand, was ein Coin wert ist.</translation>
    </message>
    <message>
        <source>Bid and ask of BTC, ETH, BNB, SOL, XRP and dollar coins lie close together unless something is wrong.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld- und Briefkurs von BTC, ETH, BNB, SOL, XRP und Dollar-Coins liegen eng beieinander, außer etwas stimmt nicht.</translation>
    </message>
    <message>
        <source>Binance tells the rights of a key at its main address only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Binance nennt die Rechte eines Schlüssels nur unter seiner Hauptadresse.</translation>
    </message>
    <message>
        <source>Building</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Im Aufbau</translation>
    </message>
    <message>
        <source>Building nothing now needs coins you hold to start with, and no trigger.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts aufzubauen braucht gehaltene Coins zum Beginn und keinen Auslöser.</translation>
    </message>
    <message>
        <source>Bundled prices are those of midnight UTC: a day's own high and low are not in them.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die mitgelieferten Preise sind die von Mitternacht UTC: Hoch und Tief eines Tages stehen nicht darin.</translation>
    </message>
    <message>
        <source>Buy or deposit BNB, or switch Pay fees with BNB off.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kaufen oder zahlen Sie BNB ein, oder schalten Sie Gebühren mit BNB zahlen aus.</translation>
    </message>
    <message>
        <source>Candles are loaded of 1 to {most_symbols} markets at a time.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen werden von 1 bis {most_symbols} Märkten auf einmal geladen.</translation>
    </message>
    <message>
        <source>Candles are not stored, so they are loaded anew each time: {why}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen werden nicht gespeichert, darum jedes Mal neu geladen: {why}.</translation>
    </message>
    <message>
        <source>Changed at once.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sofort geändert.</translation>
    </message>
    <message>
        <source>Check that its folder exists and that you may read and write there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Prüfen Sie, ob der Ordner vorhanden ist und ob Sie dort lesen und schreiben dürfen.</translation>
    </message>
    <message>
        <source>Check that the folder exists, that you may write there and that the disk is not full.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Prüfen Sie, ob der Ordner vorhanden ist, ob Sie dort schreiben dürfen und ob der Datenträger nicht voll ist.</translation>
    </message>
    <message>
        <source>Check the disk and that the folder is not on a network or cloud drive.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Prüfen Sie den Datenträger und dass der Ordner nicht auf einem Netz- oder Cloud-Laufwerk liegt.</translation>
    </message>
    <message>
        <source>Check the disk's free space and the folder's rights.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Prüfen Sie den freien Platz auf dem Datenträger und die Rechte des Ordners.</translation>
    </message>
    <message>
        <source>Checks that must agree, by coin ratio</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Prüfungen, die übereinstimmen müssen, nach Anteil</translation>
    </message>
    <message>
        <source>Choose a data folder on a local disk, not on a network drive.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie einen Datenordner auf einem lokalen Datenträger, nicht auf einem Netzlaufwerk.</translation>
    </message>
    <message>
        <source>Choose a file to write into.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie eine Datei, in die geschrieben wird.</translation>
    </message>
    <message>
        <source>Choose a folder on a disk of this machine (--data-dir), outside of what is copied to a cloud.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie einen Ordner auf einem Datenträger dieses Rechners (--data-dir), außerhalb dessen, was in eine Cloud kopiert wird.</translation>
    </message>
    <message>
        <source>Choose another folder, or free some space, and export again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie einen anderen Ordner, oder schaffen Sie Platz, und exportieren Sie noch einmal.</translation>
    </message>
    <message>
        <source>Choose approve or automatic.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie Genehmigen oder Automatisch.</translation>
    </message>
    <message>
        <source>Chosen by you</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von Ihnen gewählt</translation>
    </message>
    <message>
        <source>Clock off: no orders</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Uhr falsch: keine Orders</translation>
    </message>
    <message>
        <source>Clock off: warning</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Uhr falsch: Warnung</translation>
    </message>
    <message>
        <source>Close it first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schließen Sie es zuerst.</translation>
    </message>
    <message>
        <source>Close other programs and try again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schließen Sie andere Programme und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Close the other run of Rebalancer, or the tool that has the file open, and try again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beenden Sie den anderen Lauf von Rebalancer oder das Werkzeug, das die Datei offen hat, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Coin {number}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coin {number}</translation>
    </message>
    <message>
        <source>Coin {number} must be an object such as {"asset": "BTC"}, not {entry}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coin {number} muss ein Objekt wie {"asset": "BTC"} sein, nicht {entry}.</translation>
    </message>
    <message>
        <source>Coin {number} must be {wanted}, not {entry}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coin {number} muss {wanted} sein, nicht {entry}.</translation>
    </message>
    <message>
        <source>CoinGecko key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>CoinGecko-Schlüssel</translation>
    </message>
    <message>
        <source>Coinbase did not tell what this key may do.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coinbase hat nicht gesagt, was dieser Schlüssel darf.</translation>
    </message>
    <message>
        <source>Coinbase does not tell whether the key is bound to addresses.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coinbase sagt nicht, ob der Schlüssel an Adressen gebunden ist.</translation>
    </message>
    <message>
        <source>Coins and weights are changed by Change coins, not here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins und Gewichte werden mit Coins ändern geändert, nicht hier.</translation>
    </message>
    <message>
        <source>Colours</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Dark</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Data provided by CoinGecko</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Daten von CoinGecko</translation>
    </message>
    <message>
        <source>Data provided by CoinPaprika</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Daten von CoinPaprika</translation>
    </message>
    <message>
        <source>Deposit what is missing again and press Resume, or book the loss: then the strategy goes on with what is left.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zahlen Sie das Fehlende wieder ein und drücken Sie Fortsetzen, oder buchen Sie den Verlust: Dann läuft die Strategie mit dem Rest weiter.</translation>
    </message>
    <message>
        <source>Deutsch</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Deutsch (maschinell übersetzt)</translation>
    </message>
    <message>
        <source>Did you mean {names}?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Meinten Sie {names}?</translation>
    </message>
    <message>
        <source>Drop of a portfolio between two checks</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wertverlust eines Portfolios zwischen zwei Prüfungen</translation>
    </message>
    <message>
        <source>Each key may stand once in an object; twice there: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jeder Schlüsselname darf in einem Objekt einmal stehen; doppelt: {names}.</translation>
    </message>
    <message>
        <source>Each of the {coins} coins needs a weight above 0.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jeder der {coins} Coins braucht ein Gewicht über 0.</translation>
    </message>
    <message>
        <source>Ended</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>English</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>English</translation>
    </message>
    <message>
        <source>Estimated from the order book. What an exit cannot sell in one order is split. A rule of every order.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aus dem Orderbuch geschätzt. Was ein Ausstieg nicht in einer Order verkaufen kann, wird geteilt. Eine Regel jeder Order.</translation>
    </message>
    <message>
        <source>Every coin is exactly at its target weight: nothing to trade.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jeder Coin ist genau auf seinem Zielgewicht: nichts zu handeln.</translation>
    </message>
    <message>
        <source>Everything is stored. The log file says more; start the program again to go on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles ist gespeichert. Die Protokolldatei sagt mehr; starten Sie das Programm neu, damit es weitergeht.</translation>
    </message>
    <message>
        <source>Exchanges ban programs that send too fast. Exits keep to it too.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Börsen sperren Programme, die zu schnell senden. Auch Ausstiege halten sich daran.</translation>
    </message>
    <message>
        <source>Fees that are paid with BNB need some of it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für Gebühren mit BNB werden einige davon gebraucht.</translation>
    </message>
    <message>
        <source>Finite, positive, uncrossed prices</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Endliche, positive, ungekreuzte Preise</translation>
    </message>
    <message>
        <source>First contact</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erstkontakt</translation>
    </message>
    <message>
        <source>First contact made: bought, looked up, sold back and booked; {came}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erstkontakt erfolgt: gekauft, nachgeschlagen, zurückverkauft und gebucht; {came}.</translation>
    </message>
    <message>
        <source>First contact: {investment} {quote} of {symbol} is bought and sold back (about {cost} {quote}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erstkontakt: {investment} {quote} von {symbol} werden gekauft und zurückverkauft (etwa {cost} {quote}).</translation>
    </message>
    <message>
        <source>Flows after the last bar ({moment_text}) are left out: {late}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zahlungen nach der letzten Kerze ({moment_text}) werden weggelassen: {late}.</translation>
    </message>
    <message>
        <source>Flows before the first bar ({moment_text}) are part of the start: {early}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zahlungen vor der ersten Kerze ({moment_text}) gehören zum Anfangswert: {early}.</translation>
    </message>
    <message>
        <source>For 24 hours the exchange has not told the fee of trade {trade_id}: the estimate stands.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Seit 24 Stunden hat die Börse die Gebühr der Ausführung {trade_id} nicht gemeldet: Es bleibt bei der Schätzung.</translation>
    </message>
    <message>
        <source>For {int} minutes nothing could be proven about an order ({intent}, {client_order_id}). What it may have used stays set aside, it is looked up once a minute. Look at what was found out, and decide: adopt an order of the exchange as this one, or discard it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über eine Order ({intent}, {client_order_id}) ließ sich {int} Minuten lang nichts beweisen. Was sie verbraucht haben kann, bleibt zurückgelegt, sie wird jede Minute nachgeschlagen. Sehen Sie, was herausgefunden wurde, und entscheiden Sie: Übernehmen Sie eine Order der Börse als diese, oder verwerfen Sie sie.</translation>
    </message>
    <message>
        <source>Free some space: a program that runs goes on by itself, one that has ended goes on where it stopped.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schaffen Sie Platz: Ein laufendes Programm macht von selbst weiter, ein beendetes dort, wo es aufhörte.</translation>
    </message>
    <message>
        <source>Give it again: in the window with Accounts, Another key, or with `rebalancer account key {name}`.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie ihn noch einmal ein: im Fenster unter Konten, Anderer Schlüssel, oder mit `rebalancer account key {name}`.</translation>
    </message>
    <message>
        <source>Give its passphrase: in the window, with --passphrase-fd, or as a systemd credential.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie die Passphrase an: im Fenster, mit --passphrase-fd oder als systemd-Credential.</translation>
    </message>
    <message>
        <source>Give the account or its key the right to trade back, then press Resume; or end the strategy and keep its coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie dem Konto oder seinem Schlüssel das Handelsrecht zurück und drücken Sie Fortsetzen; oder beenden Sie die Strategie und behalten Sie ihre Coins.</translation>
    </message>
    <message>
        <source>Give yourself the right to read and write there, or choose another data folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie sich dort das Recht zu lesen und zu schreiben, oder wählen Sie einen anderen Datenordner.</translation>
    </message>
    <message>
        <source>Give yourself the right to write it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie sich das Recht, sie zu schreiben.</translation>
    </message>
    <message>
        <source>Give yourself the right to write there and start again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie sich dort das Recht zu schreiben und starten Sie neu.</translation>
    </message>
    <message>
        <source>Give yourself the right to write there, or choose another data folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie sich dort das Recht zu schreiben, oder wählen Sie einen anderen Datenordner.</translation>
    </message>
    <message>
        <source>Google Drive</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Google Drive</translation>
    </message>
    <message>
        <source>Halted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Here the system itself does this: add the program to its login items.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hier tut das System das selbst: Fügen Sie das Programm den Anmeldeobjekten hinzu.</translation>
    </message>
    <message>
        <source>ISO time without a zone, taken as UTC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ISO-Zeit ohne Zone, als UTC gelesen</translation>
    </message>
    <message>
        <source>If that is so, take the coin over under its new name; then press Resume. Or end the strategy and keep its coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wenn das stimmt, übernehmen Sie den Coin unter seinem neuen Namen; drücken Sie dann Fortsetzen. Oder beenden Sie die Strategie und behalten Sie ihre Coins.</translation>
    </message>
    <message>
        <source>Install the program again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Installieren Sie das Programm neu.</translation>
    </message>
    <message>
        <source>It begins with new play money. All files of the account of before are kept together in the backups.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es beginnt mit neuem Spielgeld. Alle Dateien des früheren Kontos liegen zusammen in den Sicherungen.</translation>
    </message>
    <message>
        <source>It goes on after a test of the connection that finds nothing against the key.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es geht nach einem Test der Verbindung weiter, der nichts gegen den Schlüssel findet.</translation>
    </message>
    <message>
        <source>It has started already, so its trigger cannot be changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie hat schon begonnen, darum kann ihr Auslöser nicht geändert werden.</translation>
    </message>
    <message>
        <source>It is a key of another account of the exchange.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es ist ein Schlüssel eines anderen Kontos der Börse.</translation>
    </message>
    <message>
        <source>It is being read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wird gelesen.</translation>
    </message>
    <message>
        <source>It is empty.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es ist leer.</translation>
    </message>
    <message>
        <source>It is looked up again at the next start; nothing is sent twice.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie wird beim nächsten Start erneut nachgeschlagen; nichts wird doppelt gesendet.</translation>
    </message>
    <message>
        <source>It is not UTF-8 text. Save it as UTF-8.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es ist kein UTF-8-Text. Speichern Sie die Datei als UTF-8.</translation>
    </message>
    <message>
        <source>It is not a CSV file: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es ist keine CSV-Datei: {error}.</translation>
    </message>
    <message>
        <source>It is taken off the list, and its key, where it has one, is forgotten here. All its files are kept together in the backups; what is at the exchange stays there. It can be added again under the same name, and begins with that.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wird aus der Liste genommen, und sein Schlüssel, sofern es einen hat, wird hier vergessen. Alle seine Dateien liegen zusammen in den Sicherungen; was an der Börse ist, bleibt dort. Es kann unter demselben Namen wieder hinzugefügt werden und beginnt damit.</translation>
    </message>
    <message>
        <source>It may be busy with its start, or of an older version: try again, make the backup in its window, or stop it first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vielleicht ist es mit seinem Start beschäftigt oder von einer älteren Version: Versuchen Sie es noch einmal, machen Sie die Sicherung in seinem Fenster, oder halten Sie es zuerst an.</translation>
    </message>
    <message>
        <source>It tells your own orders from others. Put it back from a copy of the data folder, or start with another data folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie unterscheidet Ihre eigenen Orders von fremden. Stellen Sie sie aus einer Kopie des Datenordners wieder her, oder starten Sie mit einem anderen Datenordner.</translation>
    </message>
    <message>
        <source>It was interrupted before an order was sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wurde unterbrochen, bevor eine Order gesendet war.</translation>
    </message>
    <message>
        <source>It was interrupted before anything was done.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wurde unterbrochen, bevor etwas getan war.</translation>
    </message>
    <message>
        <source>Its log says why; try again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sein Protokoll sagt, warum; versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Jump against the 5-minute median</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sprung gegen den Median von 5 Minuten</translation>
    </message>
    <message>
        <source>Jump that means new units</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sprung, der neue Einheiten bedeutet</translation>
    </message>
    <message>
        <source>Keep running in the tray</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Im Infobereich weiterlaufen</translation>
    </message>
    <message>
        <source>Keep this computer awake while a live strategy runs</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diesen Computer wach halten, solange eine echte Strategie läuft</translation>
    </message>
    <message>
        <source>Keys of {name} are of a kind that cannot be given here: it has paper accounts only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schlüssel von {name} sind von einer Art, die hier nicht eingegeben werden kann: Es gibt nur Übungskonten.</translation>
    </message>
    <message>
        <source>Kraken did not tell what this key may do.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kraken hat nicht gesagt, was dieser Schlüssel darf.</translation>
    </message>
    <message>
        <source>Language</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Largest order, in money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Größte Order, in Geld</translation>
    </message>
    <message>
        <source>Largest order, of the market's 24 h volume</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Größte Order, vom 24-h-Volumen des Marktes</translation>
    </message>
    <message>
        <source>Largest order, of the strategy's value</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Größte Order, vom Wert der Strategie</translation>
    </message>
    <message>
        <source>Light</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Limit orders against the plan's price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Limit-Orders gegen den Preis des Plans</translation>
    </message>
    <message>
        <source>Line {filled}: neither a header with the names {legal}, nor the figures of an exchange's export.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeile {filled}: weder eine Kopfzeile mit den Namen {legal} noch die Zahlen eines Börsenexports.</translation>
    </message>
    <message>
        <source>Line {line}: no column for {names} is known among: {names2}. Legal names: {legal}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeile {line}: Unter {names2} ist keine Spalte für {names} bekannt. Zulässige Namen: {legal}.</translation>
    </message>
    <message>
        <source>Line {line}: the column {name} stands there twice.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeile {line}: Die Spalte {name} steht doppelt da.</translation>
    </message>
    <message>
        <source>Line {line}: {message}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeile {line}: {message}</translation>
    </message>
    <message>
        <source>Line {number} has more than {longest_line} letters: this is no candle file.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeile {number} hat mehr als {longest_line} Zeichen: Das ist keine Kerzendatei.</translation>
    </message>
    <message>
        <source>Loading candles was cancelled. What was loaded is kept.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Laden der Kerzen wurde abgebrochen. Was geladen wurde, bleibt.</translation>
    </message>
    <message>
        <source>Look at its orders and coins. Then press Resume: it goes on with what it has now. Or end the strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sehen Sie ihre Orders und Coins an. Drücken Sie dann Fortsetzen: Sie läuft mit dem weiter, was sie hat. Oder beenden Sie die Strategie.</translation>
    </message>
    <message>
        <source>Look at the exchange that this right is off, and say so: with the box in the window, with --no-withdraw in the console. Nothing was changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Prüfen Sie an der Börse, ob dieses Recht aus ist, und sagen Sie es: mit dem Kästchen im Fenster, mit --no-withdraw in der Konsole. Nichts wurde geändert.</translation>
    </message>
    <message>
        <source>Look at the exchange whether the coin was redenominated and how many you hold now. Then press Resume: it goes on with the new price. Or end the strategy and keep its coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sehen Sie an der Börse nach, ob der Coin umgestellt wurde und wie viele Sie jetzt halten. Drücken Sie dann Fortsetzen: Sie läuft mit dem neuen Preis weiter. Oder beenden Sie die Strategie und behalten Sie ihre Coins.</translation>
    </message>
    <message>
        <source>Look at the order and decide: adopt an order of the exchange as this one, or discard it. Or wait: when the exchange tells what became of it, the strategy goes on by itself.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sehen Sie die Order an und entscheiden Sie: Übernehmen Sie eine Order der Börse als diese, oder verwerfen Sie sie. Oder warten Sie: Wenn die Börse sagt, was daraus wurde, läuft die Strategie von selbst weiter.</translation>
    </message>
    <message>
        <source>Look at the orders and the journal for the cause, then press Resume; or stop the strategy and keep its coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Suchen Sie in den Orders und im Journal die Ursache und drücken Sie dann Fortsetzen; oder beenden Sie die Strategie und behalten Sie ihre Coins.</translation>
    </message>
    <message>
        <source>Look at the safety rails in Settings.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sehen Sie die Sicherheitsgrenzen in den Einstellungen an.</translation>
    </message>
    <message>
        <source>Look at the strategy's orders; it plans anew at its next check.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sehen Sie die Orders der Strategie an; sie plant bei ihrer nächsten Prüfung neu.</translation>
    </message>
    <message>
        <source>Make room on the disk or check its rights, then start again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schaffen Sie Platz auf dem Datenträger oder prüfen Sie dessen Rechte, dann starten Sie neu.</translation>
    </message>
    <message>
        <source>Make room on the disk or check its rights; the account goes on by itself.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schaffen Sie Platz auf dem Datenträger oder prüfen Sie dessen Rechte; das Konto macht von selbst weiter.</translation>
    </message>
    <message>
        <source>Make room on the disk or check the folder's rights, then start again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schaffen Sie Platz auf dem Datenträger oder prüfen Sie die Rechte des Ordners, dann starten Sie neu.</translation>
    </message>
    <message>
        <source>Make sure that the disk has room and that you may write there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sorgen Sie dafür, dass der Datenträger Platz hat und Sie dort schreiben dürfen.</translation>
    </message>
    <message>
        <source>Make sure that the disk has room and that you may write there; the account is as it was before.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sorgen Sie dafür, dass der Datenträger Platz hat und Sie dort schreiben dürfen; das Konto ist, wie es war.</translation>
    </message>
    <message>
        <source>Make sure that you may write there and that the disk has room, or choose another data folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sorgen Sie dafür, dass Sie dort schreiben dürfen und der Datenträger Platz hat, oder wählen Sie einen anderen Datenordner.</translation>
    </message>
    <message>
        <source>Make sure that you may write there and that the disk has room, or choose another folder (--data-dir).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sorgen Sie dafür, dass Sie dort schreiben dürfen und der Datenträger Platz hat, oder wählen Sie einen anderen Ordner (--data-dir).</translation>
    </message>
    <message>
        <source>Market caps are not read here: the window does that.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Marktkapitalisierung wird hier nicht gelesen: Das macht das Fenster.</translation>
    </message>
    <message>
        <source>Market data from the internet is switched off in Settings.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Marktdaten aus dem Internet sind in den Einstellungen ausgeschaltet.</translation>
    </message>
    <message>
        <source>Market limits are given for each of the {coins} coins, or for none.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Marktgrenzen werden für jeden der {coins} Coins angegeben oder für keinen.</translation>
    </message>
    <message>
        <source>Market orders: price moved by the order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Market-Orders: durch die Order bewegter Preis</translation>
    </message>
    <message>
        <source>Market orders: widest spread, largest slip</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Market-Orders: größter Spread, größtes Abrutschen</translation>
    </message>
    <message>
        <source>Middle price from the last trade</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mittelkurs gegen die letzte Ausführung</translation>
    </message>
    <message>
        <source>More would leave less than the smallest legal investment behind: {legal}; stop the strategy to take all.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mehr ließe weniger als den kleinsten zulässigen Anlagebetrag zurück: {legal}; beenden Sie die Strategie, um alles zu nehmen.</translation>
    </message>
    <message>
        <source>Move it away or choose another data folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verschieben Sie sie, oder wählen Sie einen anderen Datenordner.</translation>
    </message>
    <message>
        <source>Move it away or choose another folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verschieben Sie sie, oder wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Names are those of ccxt, such as binance or kraken.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gelten die Namen von ccxt, etwa binance oder kraken.</translation>
    </message>
    <message>
        <source>Neither the program nor its presets judge whether a portfolio or a parameter suits you. There is no promise of performance or profit. That a coin belongs to a category, or that weights are typical of a sector, is not warranted. Losses are yours. Examples and estimates are marked as such. Past returns say nothing about coming ones; a portfolio that rebalances can do worse than one that is left alone.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Weder das Programm noch seine Vorlagen beurteilen, ob ein Portfolio oder eine Einstellung zu Ihnen passt. Es gibt kein Versprechen von Leistung oder Gewinn. Dass ein Coin zu einer Kategorie gehört oder Gewichte für einen Bereich typisch sind, wird nicht zugesichert. Verluste tragen Sie. Beispiele und Schätzungen sind als solche gekennzeichnet. Frühere Renditen sagen nichts über kommende; ein Portfolio mit Rebalancing kann schlechter abschneiden als eines, das man in Ruhe lässt.</translation>
    </message>
    <message>
        <source>No amount is legal now: {most}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kein Betrag ist jetzt zulässig: {most}.</translation>
    </message>
    <message>
        <source>No backup was made, because a file of {account} is not sound: {message}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wurde keine Sicherung gemacht, weil eine Datei von {account} nicht in Ordnung ist: {message}</translation>
    </message>
    <message>
        <source>No candle {what} of {names} in that time.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Kerze von {names} {what} in dieser Zeit.</translation>
    </message>
    <message>
        <source>No candles are asked for now: {pause}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt werden keine Kerzen abgefragt: {pause}.</translation>
    </message>
    <message>
        <source>No copy of the paper account's file {path} can be made before it is brought up to date: {error}. It was left as it is.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von der Datei {path} des Übungskontos kann keine Kopie gemacht werden, bevor sie auf den neuen Stand kommt: {error}. Sie blieb, wie sie ist.</translation>
    </message>
    <message>
        <source>No new order on any account, also after a restart, until trading is resumed. It sells nothing by itself.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine neue Order auf irgendeinem Konto, auch nach einem Neustart, bis der Handel fortgesetzt wird. Von selbst verkauft es nichts.</translation>
    </message>
    <message>
        <source>No order could be sent. {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Order konnte gesendet werden. {names}</translation>
    </message>
    <message>
        <source>No order was filled, so nothing was taken out by selling.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Order wurde ausgeführt, darum wurde durch Verkäufe nichts entnommen.</translation>
    </message>
    <message>
        <source>No order was filled. {why}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Order wurde ausgeführt. {why}</translation>
    </message>
    <message>
        <source>No orders are sent: {hold}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Orders werden gesendet: {hold}.</translation>
    </message>
    <message>
        <source>No strategy runs, so there is no next rebalance to jump to.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Strategie läuft, es gibt also kein nächstes Rebalancing zum Hinspringen.</translation>
    </message>
    <message>
        <source>None of the keyrings of this system keeps a key safe: {refused}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kein Schlüsselbund dieses Systems verwahrt einen Schlüssel sicher: {refused}.</translation>
    </message>
    <message>
        <source>Not every address of this exchange could be moved to the one you set.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht jede Adresse dieser Börse ließ sich auf die von Ihnen gesetzte umstellen.</translation>
    </message>
    <message>
        <source>Not known here: {unknown}. The keys are {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hier nicht bekannt: {unknown}. Die Schlüsselnamen sind {names}.</translation>
    </message>
    <message>
        <source>Nothing can be exported here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hier kann nichts exportiert werden.</translation>
    </message>
    <message>
        <source>Nothing can be sold while trading is stopped: keep the coins, or resume trading first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Solange der Handel gestoppt ist, kann nichts verkauft werden: Behalten Sie die Coins oder setzen Sie zuerst den Handel fort.</translation>
    </message>
    <message>
        <source>Nothing could be proven about the order {client_order_id}, so {name} sends nothing more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über die Order {client_order_id} ließ sich nichts beweisen, darum sendet {name} nichts mehr.</translation>
    </message>
    <message>
        <source>Nothing could be stored for {seconds} seconds, so nothing was sent: {message} It goes on now; what was on its way was looked up.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{seconds} Sekunden lang ließ sich nichts speichern, darum wurde nichts gesendet: {message} Jetzt geht es weiter; was unterwegs war, wurde nachgeschlagen.</translation>
    </message>
    <message>
        <source>Nothing is asked any more: {key_refused}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wird nichts mehr abgefragt: {key_refused}</translation>
    </message>
    <message>
        <source>Nothing is asked now: {pause}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zurzeit wird nichts abgefragt: {pause}.</translation>
    </message>
    <message>
        <source>Nothing is proven about an order of it: adopt or discard it first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über eine ihrer Orders ist nichts bewiesen: Übernehmen oder verwerfen Sie sie zuerst.</translation>
    </message>
    <message>
        <source>Nothing is sent: {locked}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts wird gesendet: {locked}</translation>
    </message>
    <message>
        <source>Nothing is stored of these markets yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von diesen Märkten ist noch nichts gespeichert.</translation>
    </message>
    <message>
        <source>Nothing of its trading was tried: plans are shown, nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ihr Handel wurde nicht versucht: Pläne werden gezeigt, nichts wird gesendet.</translation>
    </message>
    <message>
        <source>Nothing of {name} is missing.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von {name} fehlt nichts.</translation>
    </message>
    <message>
        <source>Nothing was changed in it. `rebalancer account restore` puts the newest good backup in its place, or begins a new ledger from what the exchange holds; the damaged file is kept.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts wurde darin geändert. `rebalancer account restore` setzt die neueste gute Sicherung an ihre Stelle, oder beginnt ein neues Kontobuch aus dem, was die Börse hält; die beschädigte Datei wird aufgehoben.</translation>
    </message>
    <message>
        <source>Nothing was changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts wurde geändert.</translation>
    </message>
    <message>
        <source>Nothing was changed. Its backups folder holds all files: move them back by hand, or restore into a new folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts wurde geändert. Alle Dateien liegen im Sicherungsordner: Verschieben Sie sie von Hand zurück, oder stellen Sie in einen neuen Ordner wieder her.</translation>
    </message>
    <message>
        <source>Nothing was done: {halted}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts wurde getan: {halted}</translation>
    </message>
    <message>
        <source>Notifications of this desktop</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Benachrichtigungen dieses Desktops</translation>
    </message>
    <message>
        <source>OKX did not tell what this key may do.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>OKX hat nicht gesagt, was dieser Schlüssel darf.</translation>
    </message>
    <message>
        <source>Off on a paper account: it is about real money.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aus auf einem Übungskonto: Es geht um echtes Geld.</translation>
    </message>
    <message>
        <source>Off on the demo market: its prices are replayed and no exchange has to be protected from us.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aus auf dem Demomarkt: Seine Preise werden wiedergegeben, und keine Börse muss vor uns geschützt werden.</translation>
    </message>
    <message>
        <source>On a price that cannot be true nothing is valued and nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auf einem Preis, der nicht stimmen kann, wird nichts bewertet und nichts gesendet.</translation>
    </message>
    <message>
        <source>One odd quote alone triggers nothing.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein einzelner seltsamer Kurs löst nichts aus.</translation>
    </message>
    <message>
        <source>One order at a time</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Order nach der anderen</translation>
    </message>
    <message>
        <source>Only a paper account has a money to choose: it holds what the exchange says.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur bei einem Übungskonto ist ein Geld zu wählen: Dieses hält, was die Börse sagt.</translation>
    </message>
    <message>
        <source>Only a paper account has money to start with: an account with a key holds what the exchange says.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur ein Übungskonto hat Startgeld: Ein Konto mit Schlüssel hält, was die Börse sagt.</translation>
    </message>
    <message>
        <source>Only what is stored already is shown; something is missing of {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gezeigt wird nur, was schon gespeichert ist; von {names} fehlt etwas.</translation>
    </message>
    <message>
        <source>Only {free} {quote} are free: invest at most that much.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur {free} {quote} sind frei: Legen Sie höchstens so viel an.</translation>
    </message>
    <message>
        <source>Only {money} {quote} are free: invest at most that much.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur {money} {quote} sind frei: Legen Sie höchstens so viel an.</translation>
    </message>
    <message>
        <source>Open the program: the journal says more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Öffnen Sie das Programm: Das Journal sagt mehr.</translation>
    </message>
    <message>
        <source>Open the program: the other accounts go on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Öffnen Sie das Programm: Die anderen Konten laufen weiter.</translation>
    </message>
    <message>
        <source>Open the strategy, look at the order, and adopt or discard it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Öffnen Sie die Strategie, sehen Sie die Order an und übernehmen oder verwerfen Sie sie.</translation>
    </message>
    <message>
        <source>Open the vault with --passphrase-fd, or unlock the keyring of the desktop.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Öffnen Sie den Tresor mit --passphrase-fd, oder entsperren Sie den Schlüsselbund des Desktops.</translation>
    </message>
    <message>
        <source>Orders a second</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders je Sekunde</translation>
    </message>
    <message>
        <source>Orders an hour of a strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders einer Strategie je Stunde</translation>
    </message>
    <message>
        <source>Orders an hour of the account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders des Kontos je Stunde</translation>
    </message>
    <message>
        <source>Orders carry a time; a clock that is a little wrong is said.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders tragen eine Zeit; eine etwas falsche Uhr wird gemeldet.</translation>
    </message>
    <message>
        <source>Paper account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übungskonto</translation>
    </message>
    <message>
        <source>Paper accounts too</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auch Übungskonten</translation>
    </message>
    <message>
        <source>Paper on {venue}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übung an {venue}</translation>
    </message>
    <message>
        <source>Paused</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Pausiert</translation>
    </message>
    <message>
        <source>Pay fees with BNB is off</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren mit BNB zahlen ist aus</translation>
    </message>
    <message>
        <source>Pay fees with BNB was switched {value}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren mit BNB zahlen wurde umgeschaltet: {value}.</translation>
    </message>
    <message>
        <source>Paying fees with BNB is only known for the paper account here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren mit BNB zu zahlen gibt es hier nur beim Übungskonto.</translation>
    </message>
    <message>
        <source>Presets of one's own cannot be kept here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eigene Vorlagen können hier nicht aufbewahrt werden.</translation>
    </message>
    <message>
        <source>Press Resume trading to put every strategy back into its former state, or stop this strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Drücken Sie Handel fortsetzen, um jede Strategie in ihren vorigen Zustand zu bringen, oder beenden Sie diese Strategie.</translation>
    </message>
    <message>
        <source>Press Resume trading when it shall go on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Drücken Sie Handel fortsetzen, wenn es weitergehen soll.</translation>
    </message>
    <message>
        <source>Prices</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise</translation>
    </message>
    <message>
        <source>Prices and plans are shown; nothing is sent, and nothing is asked of the account, until then.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise und Pläne werden gezeigt; bis dahin wird nichts gesendet und das Konto nichts gefragt.</translation>
    </message>
    <message>
        <source>Prices do not come: {said} It is tried again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise kommen nicht: {said} Es wird erneut versucht.</translation>
    </message>
    <message>
        <source>Prices made for a test</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für einen Test gemachte Preise</translation>
    </message>
    <message>
        <source>Prices that stand still</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise, die stillstehen</translation>
    </message>
    <message>
        <source>Prices that swing around the threshold must not be paid for with fees every two seconds.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise, die um den Schwellenwert pendeln, dürfen nicht alle zwei Sekunden mit Gebühren bezahlt werden.</translation>
    </message>
    <message>
        <source>Proven on loopback: the whole wire suite and the contract of all venues. Not yet confirmed on the real exchange.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Am Prüfstand nachgewiesen: die ganze Prüfreihe und der Vertrag aller Börsen. An der echten Börse noch nicht bestätigt.</translation>
    </message>
    <message>
        <source>Proven on loopback; not yet confirmed on the real exchange.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Am Prüfstand nachgewiesen; an der echten Börse noch nicht bestätigt.</translation>
    </message>
    <message>
        <source>Put back the backup of {at} UTC ({at2} old)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung vom {at} UTC ({at2} alt) einsetzen</translation>
    </message>
    <message>
        <source>Put each account's file back into its own folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Legen Sie die Datei jedes Kontos in ihren eigenen Ordner zurück.</translation>
    </message>
    <message>
        <source>Put it back from a copy of the data folder, or use the version of the program that wrote it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Stellen Sie es aus einer Kopie des Datenordners wieder her, oder benutzen Sie die Programmversion, die es geschrieben hat.</translation>
    </message>
    <message>
        <source>Put the file back from a copy, or remove it and add the accounts' keys again: the exchanges have not lost anything.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Stellen Sie die Datei aus einer Kopie wieder her, oder entfernen Sie sie und geben Sie die Schlüssel der Konten neu ein: An den Börsen ist nichts verloren.</translation>
    </message>
    <message>
        <source>Put the file back, or move the rest away to begin with a new paper account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Legen Sie die Datei zurück, oder verschieben Sie den Rest, um mit einem neuen Übungskonto zu beginnen.</translation>
    </message>
    <message>
        <source>Put {name} back beside it, or move {name2} away to start with an empty ledger.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Legen Sie {name} wieder daneben, oder verschieben Sie {name2}, um mit einem leeren Kontobuch zu beginnen.</translation>
    </message>
    <message>
        <source>Quotes of a stop-loss, apart</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kurse eines Stop-Loss, Abstand</translation>
    </message>
    <message>
        <source>Read and accept the text about risk first. Nothing was changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Lesen und akzeptieren Sie zuerst den Risikotext. Nichts wurde geändert.</translation>
    </message>
    <message>
        <source>Read at {at} UTC. It can be read anew from {again} UTC on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gelesen um {at} UTC. Ab {again} UTC kann neu gelesen werden.</translation>
    </message>
    <message>
        <source>Read market caps from the internet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Marktkapitalisierung aus dem Internet lesen</translation>
    </message>
    <message>
        <source>Rebalance now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt rebalancieren</translation>
    </message>
    <message>
        <source>Rebalancer has stopped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancer hat angehalten</translation>
    </message>
    <message>
        <source>Rebalancer is already running with the data folder {parent}{who}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancer läuft schon mit dem Datenordner {parent}{who}.</translation>
    </message>
    <message>
        <source>Rebalancer runs with the data folder {path}, but it does not take up the backup.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancer läuft mit dem Datenordner {path}, nimmt die Sicherung aber nicht an.</translation>
    </message>
    <message>
        <source>Rebalancer: a test</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancer: ein Test</translation>
    </message>
    <message>
        <source>Rebalances after sleep</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancings nach dem Ruhezustand</translation>
    </message>
    <message>
        <source>Refusals with the same words</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ablehnungen mit denselben Worten</translation>
    </message>
    <message>
        <source>Refused orders in a row</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Abgelehnte Orders in Folge</translation>
    </message>
    <message>
        <source>Remove it yourself to trade again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Entfernen Sie sie selbst, um wieder zu handeln.</translation>
    </message>
    <message>
        <source>Remove the account and add it again with its key.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Entfernen Sie das Konto und fügen Sie es mit seinem Schlüssel neu hinzu.</translation>
    </message>
    <message>
        <source>Remove the account and add it again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Entfernen Sie das Konto und fügen Sie es neu hinzu.</translation>
    </message>
    <message>
        <source>Replace the coin, drop it and share its weight among the others, or wait: when its market opens again, press Resume. Or end the strategy: keep the coins, or sell what can be sold.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ersetzen Sie den Coin, lassen Sie ihn weg und teilen Sie sein Gewicht auf, oder warten Sie: Wenn sein Markt wieder öffnet, drücken Sie Fortsetzen. Oder beenden Sie die Strategie: Behalten Sie die Coins oder verkaufen Sie, was verkäuflich ist.</translation>
    </message>
    <message>
        <source>Replay of daily prices {first} to {last} (CoinGecko), moves inside a day are simulated</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wiedergabe von Tagespreisen {first} bis {last} (CoinGecko), Bewegungen im Tag sind simuliert</translation>
    </message>
    <message>
        <source>Resilio Sync</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Resilio Sync</translation>
    </message>
    <message>
        <source>Rights of the key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rechte des Schlüssels</translation>
    </message>
    <message>
        <source>Running</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Sales and purchases by its rule within 24 hours: the stop for a loop that runs away. What you confirmed yourself does not count.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verkäufe und Käufe durch ihre Regel binnen 24 Stunden: die Bremse für eine durchgehende Schleife. Was Sie selbst bestätigt haben, zählt nicht.</translation>
    </message>
    <message>
        <source>Set the account aside</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto beiseitelegen</translation>
    </message>
    <message>
        <source>Set the most that one order may be worth: an amount above 0.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Setzen Sie, wie viel eine Order höchstens wert sein darf: ein Betrag über 0.</translation>
    </message>
    <message>
        <source>Share of the exchange's call limit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anteil am Abfragelimit der Börse</translation>
    </message>
    <message>
        <source>Short of the smallest order: {short}.{cure}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zur kleinsten Order fehlt: {short}.{cure}</translation>
    </message>
    <message>
        <source>Simulated random walk from the last prices of {at}, seed {seed}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Simulierter Zufallspfad ab den letzten Preisen von {at}, Startwert {seed}</translation>
    </message>
    <message>
        <source>Simulated random walk, seed {seed}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Simulierter Zufallspfad, Startwert {seed}</translation>
    </message>
    <message>
        <source>Size and number of orders</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Größe und Anzahl der Orders</translation>
    </message>
    <message>
        <source>Skipped for long is</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Lange ausgelassen heißt</translation>
    </message>
    <message>
        <source>Something of {name} is missing at the exchange: book the loss, or deposit it again, first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Etwas von {name} fehlt an der Börse: Buchen Sie zuerst den Verlust oder zahlen Sie es wieder ein.</translation>
    </message>
    <message>
        <source>Start minimised</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Minimiert starten</translation>
    </message>
    <message>
        <source>Start that version, or choose another data folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Starten Sie jene Version, oder wählen Sie einen anderen Datenordner.</translation>
    </message>
    <message>
        <source>Start the newer program, or another data folder. Nothing was changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Starten Sie das neuere Programm oder einen anderen Datenordner. Nichts wurde geändert.</translation>
    </message>
    <message>
        <source>Start the program again: that finishes the reset.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Starten Sie das Programm neu: Das beendet das Zurücksetzen.</translation>
    </message>
    <message>
        <source>Stop all</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles stoppen</translation>
    </message>
    <message>
        <source>Stop all is on</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles stoppen ist aktiv</translation>
    </message>
    <message>
        <source>Stop all is on: press Resume trading first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles stoppen ist aktiv: Drücken Sie zuerst Handel fortsetzen.</translation>
    </message>
    <message>
        <source>Stop the engine and quit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Programm anhalten und beenden</translation>
    </message>
    <message>
        <source>Stop the program itself to be sure that nothing is traded.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Halten Sie das Programm selbst an, um sicher zu sein, dass nichts gehandelt wird.</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wird beendet</translation>
    </message>
    <message>
        <source>Strategy's dollar coin from one dollar</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dollar-Coin der Strategie von einem Dollar</translation>
    </message>
    <message>
        <source>Switched off by you.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von Ihnen ausgeschaltet.</translation>
    </message>
    <message>
        <source>The account has {most} {asset} free; no more can be withdrawn.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto hat {most} {asset} frei; mehr kann nicht ausgezahlt werden.</translation>
    </message>
    <message>
        <source>The account is halted: {halted}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto ist angehalten: {halted}</translation>
    </message>
    <message>
        <source>The account is on watch only, so nothing is sent: switch trading on in Settings first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto beobachtet nur, darum wird nichts gesendet: Schalten Sie zuerst in den Einstellungen den Handel ein.</translation>
    </message>
    <message>
        <source>The account is on watch only: nothing is sent until trading is switched on in Settings.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto beobachtet nur: Nichts wird gesendet, bis der Handel in den Einstellungen eingeschaltet ist.</translation>
    </message>
    <message>
        <source>The account or its key may no longer trade. The exchange said: {no_right}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto oder sein Schlüssel darf nicht mehr handeln. Die Börse sagte: {no_right}</translation>
    </message>
    <message>
        <source>The account or its key may not trade: give it the right back and resume a halted strategy first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto oder sein Schlüssel darf nicht handeln: Geben Sie das Recht zurück und setzen Sie zuerst eine angehaltene Strategie fort.</translation>
    </message>
    <message>
        <source>The account starts with {units}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto beginnt mit {units}.</translation>
    </message>
    <message>
        <source>The account {name} cannot be read: {strerror} ({path}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto {name} kann nicht gelesen werden: {strerror} ({path}).</translation>
    </message>
    <message>
        <source>The account {name} cannot be stored: {strerror} ({path}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto {name} kann nicht gespeichert werden: {strerror} ({path}).</translation>
    </message>
    <message>
        <source>The account {title} has no candles.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto {title} hat keine Kerzen.</translation>
    </message>
    <message>
        <source>The address of an exchange has no user name, no query and no fragment.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Adresse einer Börse hat keinen Benutzernamen, keine Abfrage und keine Sprungmarke.</translation>
    </message>
    <message>
        <source>The amount at {at} must be above or below 0.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Betrag am {at} muss über oder unter 0 liegen.</translation>
    </message>
    <message>
        <source>The amount must be above 0 and at most {max_transfer}, with at most 8 decimals.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Betrag muss über 0 und höchstens {max_transfer} sein, mit höchstens 8 Nachkommastellen.</translation>
    </message>
    <message>
        <source>The amount must be above 0 {money}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Betrag muss über 0 {money} liegen.</translation>
    </message>
    <message>
        <source>The amount must be above 0 {quote}, with at most 8 decimals.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Betrag muss über 0 {quote} liegen, mit höchstens 8 Nachkommastellen.</translation>
    </message>
    <message>
        <source>The amount must be above 0 {quote}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Betrag muss über 0 {quote} liegen.</translation>
    </message>
    <message>
        <source>The backup claims to be larger than any data folder can be.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung gibt sich größer aus, als ein Datenordner sein kann.</translation>
    </message>
    <message>
        <source>The backup did not come whole to {target}: try again, or name another place.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung kam nicht vollständig nach {target}: Versuchen Sie es noch einmal, oder nennen Sie einen anderen Ort.</translation>
    </message>
    <message>
        <source>The backup has no install.json, which marks an installation's own orders.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In der Sicherung fehlt install.json, die die Orders einer Installation kennzeichnet.</translation>
    </message>
    <message>
        <source>The backup is of version {version}; this program reads version {version2}. Use a newer program.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung ist von Version {version}; dieses Programm liest Version {version2}. Benutzen Sie ein neueres Programm.</translation>
    </message>
    <message>
        <source>The backup names a file that does not belong there: {path}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung nennt eine Datei, die nicht dorthin gehört: {path}.</translation>
    </message>
    <message>
        <source>The backup {file} cannot be read</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung {file} kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>The backup {target} cannot be made</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung {target} kann nicht gemacht werden</translation>
    </message>
    <message>
        <source>The bars must be of the strategy's coins, in their order.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Kerzen müssen von den Coins der Strategie sein, in deren Reihenfolge.</translation>
    </message>
    <message>
        <source>The built-in paper account stays. `account reset` begins it anew.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das eingebaute Übungskonto bleibt. `account reset` beginnt es neu.</translation>
    </message>
    <message>
        <source>The bundled prices are daily ones: the only timeframe is 1 day.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die mitgelieferten Preise sind Tagespreise: Der einzige Zeitrahmen ist 1 Tag.</translation>
    </message>
    <message>
        <source>The candles could not be loaded: the program met a fault of its own. The log file says more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Kerzen konnten nicht geladen werden: Das Programm stieß auf einen eigenen Fehler. Die Protokolldatei sagt mehr.</translation>
    </message>
    <message>
        <source>The candles of {symbol} are not in the order of time, each moment once: see {moment_text}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Kerzen von {symbol} stehen nicht in der Reihenfolge der Zeit, jeder Zeitpunkt einmal: siehe {moment_text}.</translation>
    </message>
    <message>
        <source>The channel {name} takes messages again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Kanal {name} nimmt wieder Nachrichten an.</translation>
    </message>
    <message>
        <source>The channel {name} took no message: {message} {advice}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Kanal {name} hat keine Nachricht angenommen: {message} {advice}</translation>
    </message>
    <message>
        <source>The check period must be between 1 second and 1 hour.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Prüfspanne muss zwischen 1 Sekunde und 1 Stunde liegen.</translation>
    </message>
    <message>
        <source>The clock of this computer is {ahead} against the exchange's.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Uhr dieses Computers geht gegen die Börse {ahead}.</translation>
    </message>
    <message>
        <source>The clock was set back by {words_of_span}: everything is checked before trading.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Uhr wurde um {words_of_span} zurückgestellt: Vor dem Handel wird alles geprüft.</translation>
    </message>
    <message>
        <source>The coins have no time in common: {early} ends at {last}, before {late} begins at {first}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Coins haben keine gemeinsame Zeit: {early} endet am {last}, bevor {late} am {first} beginnt.</translation>
    </message>
    <message>
        <source>The computer may fall asleep while a live strategy runs: {message}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Computer kann einschlafen, während eine echte Strategie läuft: {message}</translation>
    </message>
    <message>
        <source>The connection could not be tested: {message} The account only watches until it is.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Verbindung konnte nicht getestet werden: {message} Bis dahin beobachtet das Konto nur.</translation>
    </message>
    <message>
        <source>The copy of the ledger is not good ({verdict}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Kopie des Kontobuchs ist nicht gut ({verdict}).</translation>
    </message>
    <message>
        <source>The copy {copy} is not good ({verdict}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Kopie {copy} ist nicht gut ({verdict}).</translation>
    </message>
    <message>
        <source>The daily backup could not be made: {why} It is tried again every 10 minutes; trading goes on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die tägliche Sicherung konnte nicht gemacht werden: {why} Alle 10 Minuten wird es erneut versucht; der Handel geht weiter.</translation>
    </message>
    <message>
        <source>The data folder {path} cannot be used: {why} ({where}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Datenordner {path} kann nicht benutzt werden: {why} ({where}).</translation>
    </message>
    <message>
        <source>The data folder {path} is {what}, where a ledger can be lost or put back to an older state.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Datenordner {path} liegt {what}, wo ein Kontobuch verloren gehen oder auf einen älteren Stand zurückfallen kann.</translation>
    </message>
    <message>
        <source>The demo can start on a day from {first} to {value}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Demo kann an einem Tag von {first} bis {value} beginnen.</translation>
    </message>
    <message>
        <source>The demo market has the market caps of its own day: there is nothing newer to read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Demomarkt hat die Marktkapitalisierung seines eigenen Tages: Es gibt nichts Neueres zu lesen.</translation>
    </message>
    <message>
        <source>The demo market's coins have no day in common.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Coins des Demomarktes haben keinen gemeinsamen Tag.</translation>
    </message>
    <message>
        <source>The demo market's file {name} cannot be read: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {name} des Demomarktes kann nicht gelesen werden: {error}.</translation>
    </message>
    <message>
        <source>The demo market's file {name} is damaged in line {line}: {what}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {name} des Demomarktes ist in Zeile {line} beschädigt: {what}.</translation>
    </message>
    <message>
        <source>The demo's speed must be a whole number from {min_speed} to {max_speed}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Tempo der Demo muss eine ganze Zahl von {min_speed} bis {max_speed} sein.</translation>
    </message>
    <message>
        <source>The disk does not answer properly: reading or writing {path} failed ({error}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Festplatte antwortet nicht richtig: Lesen oder Schreiben von {path} schlug fehl ({error}).</translation>
    </message>
    <message>
        <source>The disk is full: {path} could not be written.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Festplatte ist voll: {path} konnte nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>The disk of {path} does not allow the safe way of writing (journal mode {mode}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Datenträger von {path} erlaubt nicht die sichere Art zu schreiben (Journalmodus {mode}).</translation>
    </message>
    <message>
        <source>The engine has stopped, so nothing was done.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Handelsmaschine hat angehalten, darum wurde nichts getan.</translation>
    </message>
    <message>
        <source>The engine met a fault of its own and has stopped. Nothing more is traded.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Handelsmaschine stieß auf einen eigenen Fehler und hat angehalten. Nichts mehr wird gehandelt.</translation>
    </message>
    <message>
        <source>The engine met a fault of its own while doing this and has stopped. The journal and the orders show what was done.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Handelsmaschine stieß dabei auf einen eigenen Fehler und hat angehalten. Journal und Orders zeigen, was getan wurde.</translation>
    </message>
    <message>
        <source>The exchange asked for a pause.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse bat um eine Pause.</translation>
    </message>
    <message>
        <source>The exchange did not answer as it should: {message} Nothing was changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse antwortete nicht, wie sie sollte: {message} Nichts wurde geändert.</translation>
    </message>
    <message>
        <source>The exchange does not list every trade of the order {venue_order_id} now: ask again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse nennt jetzt nicht jede Ausführung der Order {venue_order_id}: Fragen Sie erneut.</translation>
    </message>
    <message>
        <source>The exchange does not list its orders now: {message}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse listet ihre Orders jetzt nicht auf: {message}</translation>
    </message>
    <message>
        <source>The exchange knows another order under the id {client_order_id} ({fault}). Nothing is booked and nothing is sent until that is cleared up.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse kennt unter der ID {client_order_id} eine andere Order ({fault}). Nichts wird gebucht und nichts gesendet, bis das geklärt ist.</translation>
    </message>
    <message>
        <source>The exchange lists no order {venue_order_id} that could be this one.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse führt keine Order {venue_order_id}, die diese sein könnte.</translation>
    </message>
    <message>
        <source>The exchange refused an order in {symbol}, and one more after its trading rules were read anew: {words}. Look at what it demands of orders in this market, then resume.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse lehnte eine Order in {symbol} ab, und eine weitere, nachdem ihre Handelsregeln neu gelesen waren: {words}. Sehen Sie nach, was sie von Orders in diesem Markt verlangt, und setzen Sie dann fort.</translation>
    </message>
    <message>
        <source>The exchange refused to {order}: {words}. Nothing was traded by this order.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse lehnte eine Order ab ({order}): {words}. Durch diese Order wurde nichts gehandelt.</translation>
    </message>
    <message>
        <source>The exchange rejected an order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse eine Order ablehnt</translation>
    </message>
    <message>
        <source>The export was cancelled. No file was written.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Export wurde abgebrochen. Es wurde keine Datei geschrieben.</translation>
    </message>
    <message>
        <source>The fee and the half spread must be from 0 to under 100 %.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühr und halber Spread müssen von 0 bis unter 100 % liegen.</translation>
    </message>
    <message>
        <source>The fee of the trade {trade_id} cannot go back: the paper account has no such trade.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Gebühr der Ausführung {trade_id} kann nicht zurückgehen: Das Übungskonto hat keine solche Ausführung.</translation>
    </message>
    <message>
        <source>The file is a zip, but no backup of a data folder: it has no manifest.json.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei ist ein Zip, aber keine Sicherung eines Datenordners: Sie hat keine manifest.json.</translation>
    </message>
    <message>
        <source>The file is empty: it must hold one JSON object, {...}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei ist leer: Sie muss ein JSON-Objekt enthalten, {...}.</translation>
    </message>
    <message>
        <source>The file is larger than {value} MB, the most that is read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei ist größer als {value} MB, das Meiste, was gelesen wird.</translation>
    </message>
    <message>
        <source>The file is locked with a password; a backup of this program never is.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei ist mit einem Passwort verschlossen; eine Sicherung dieses Programms ist das nie.</translation>
    </message>
    <message>
        <source>The file is nested deeper than {max_depth} levels, the most that is read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei ist tiefer als {max_depth} Ebenen verschachtelt, das Meiste, was gelesen wird.</translation>
    </message>
    <message>
        <source>The file is no backup of a data folder: its format is not "{format}".</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei ist keine Sicherung eines Datenordners: Ihr Format ist nicht "{format}".</translation>
    </message>
    <message>
        <source>The file is no export of settings: its format must be "{format}".</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei ist kein Export von Einstellungen: Ihr Format muss "{format}" sein.</translation>
    </message>
    <message>
        <source>The file is not JSON: {msg} at {where}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei ist kein JSON: {msg} in {where}.</translation>
    </message>
    <message>
        <source>The file is not a text (an archive, or another program's file): it must be a JSON text.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei ist kein Text (ein Archiv oder die Datei eines anderen Programms): Sie muss ein JSON-Text sein.</translation>
    </message>
    <message>
        <source>The file is not a text in UTF-8: it must be a JSON text.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei ist kein Text in UTF-8: Sie muss ein JSON-Text sein.</translation>
    </message>
    <message>
        <source>The file is of version {version}; this program reads version {version2}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei ist von Version {version}; dieses Programm liest Version {version2}.</translation>
    </message>
    <message>
        <source>The file must hold one JSON object, {...}; it holds {value}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei muss ein JSON-Objekt enthalten, {...}; sie enthält {value}.</translation>
    </message>
    <message>
        <source>The file was copied to {name}: mend it and put it back, or choose your settings again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei wurde nach {name} kopiert: Berichtigen Sie sie und legen Sie sie zurück, oder wählen Sie Ihre Einstellungen neu.</translation>
    </message>
    <message>
        <source>The file {install_file} cannot be understood ({error}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {install_file} ist nicht zu verstehen ({error}).</translation>
    </message>
    <message>
        <source>The file {name} cannot be read: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {name} kann nicht gelesen werden: {error}.</translation>
    </message>
    <message>
        <source>The file {name} is damaged in line {line}: {what}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {name} ist in Zeile {line} beschädigt: {what}.</translation>
    </message>
    <message>
        <source>The file {path} belongs to the account {value}, not to {account}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} gehört zum Konto {value}, nicht zu {account}.</translation>
    </message>
    <message>
        <source>The file {path} cannot be opened ({error}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} kann nicht geöffnet werden ({error}).</translation>
    </message>
    <message>
        <source>The file {path} cannot be removed: {strerror}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} kann nicht entfernt werden: {strerror}.</translation>
    </message>
    <message>
        <source>The file {path} cannot be understood: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} ist nicht zu verstehen: {error}.</translation>
    </message>
    <message>
        <source>The file {path} cannot be written: it, its folder or its disk is read-only for you.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} kann nicht geschrieben werden: Sie, ihr Ordner oder ihr Datenträger ist für Sie schreibgeschützt.</translation>
    </message>
    <message>
        <source>The file {path} cannot be written: {strerror}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} kann nicht geschrieben werden: {strerror}.</translation>
    </message>
    <message>
        <source>The file {path} cannot be written: {value}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} kann nicht geschrieben werden: {value}.</translation>
    </message>
    <message>
        <source>The file {path} is damaged ({detail}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} ist beschädigt ({detail}).</translation>
    </message>
    <message>
        <source>The file {path} is damaged ({error}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} ist beschädigt ({error}).</translation>
    </message>
    <message>
        <source>The file {path} is empty, so it is not one of Rebalancer's ledgers.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} ist leer, sie ist also keines von Rebalancers Kontobüchern.</translation>
    </message>
    <message>
        <source>The file {path} is gone, but its log {name} is still there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} ist fort, aber ihr Protokoll {name} ist noch da.</translation>
    </message>
    <message>
        <source>The file {path} is in use by another program.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} wird von einem anderen Programm benutzt.</translation>
    </message>
    <message>
        <source>The file {path} is not one of Rebalancer's ledgers, or it is damaged at its very beginning.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} ist keines von Rebalancers Kontobüchern, oder sie ist gleich am Anfang beschädigt.</translation>
    </message>
    <message>
        <source>The file {path} is not one of Rebalancer's ledgers.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} ist keines von Rebalancers Kontobüchern.</translation>
    </message>
    <message>
        <source>The file {path} was written by a newer Rebalancer (its version is {version}, this program knows {newest}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} wurde von einem neueren Rebalancer geschrieben (ihre Version ist {version}, dieses Programm kennt {newest}).</translation>
    </message>
    <message>
        <source>The file {value} tells of a restore that was cut short, but it cannot be understood ({error}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {value} berichtet von einer unterbrochenen Wiederherstellung, ist aber nicht zu verstehen ({error}).</translation>
    </message>
    <message>
        <source>The files in {folder} cannot be copied or moved: {why} ({filename}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Dateien in {folder} können nicht kopiert oder verschoben werden: {why} ({filename}).</translation>
    </message>
    <message>
        <source>The files of the backup are not those of its manifest: {odd}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Dateien der Sicherung sind nicht die ihres Verzeichnisses: {odd}.</translation>
    </message>
    <message>
        <source>The files of {name} are in order: there is no need to set it aside.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Dateien von {name} sind in Ordnung: Es gibt keinen Grund, es beiseitezulegen.</translation>
    </message>
    <message>
        <source>The first contact does not go on with this key: {against}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mit diesem Schlüssel geht der Erstkontakt nicht weiter: {against}</translation>
    </message>
    <message>
        <source>The first contact goes on with the key that was put in since, which was tested.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Erstkontakt geht mit dem seither eingesetzten, getesteten Schlüssel weiter.</translation>
    </message>
    <message>
        <source>The first contact is under way: wait until it is over.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Erstkontakt läuft: Warten Sie, bis er vorbei ist.</translation>
    </message>
    <message>
        <source>The first contact proved nothing: it did not buy and sell back. The account stays on watch only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Erstkontakt bewies nichts: Er hat nicht gekauft und zurückverkauft. Das Konto beobachtet weiterhin nur.</translation>
    </message>
    <message>
        <source>The first contact was cut short and another key was put in, so nothing of it is sent: {why} {what_to_do}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Erstkontakt wurde unterbrochen und ein anderer Schlüssel eingesetzt, darum wird nichts davon gesendet: {why} {what_to_do}</translation>
    </message>
    <message>
        <source>The first day must come before the last one.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der erste Tag muss vor dem letzten liegen.</translation>
    </message>
    <message>
        <source>The format must be "{format}", not {found}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Format muss "{format}" sein, nicht {found}.</translation>
    </message>
    <message>
        <source>The interval must be between 1 minute and 90 days, in whole seconds.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Intervall muss zwischen 1 Minute und 90 Tagen liegen, in ganzen Sekunden.</translation>
    </message>
    <message>
        <source>The investment is changed by Add funds and Remove funds, not here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Anlagebetrag wird mit Aufstocken und Entnehmen geändert, nicht hier.</translation>
    </message>
    <message>
        <source>The investment must be above 0 {quote}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Anlagebetrag muss über 0 {quote} liegen.</translation>
    </message>
    <message>
        <source>The investment must be above 0, not {investment}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Anlagebetrag muss über 0 liegen, nicht {investment}.</translation>
    </message>
    <message>
        <source>The investment must be above 0.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Anlagebetrag muss über 0 liegen.</translation>
    </message>
    <message>
        <source>The journal has the price and what was sold.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Journal hat den Preis und was verkauft wurde.</translation>
    </message>
    <message>
        <source>The key belongs to another account of the exchange than the first contact was made with: make it anew.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel gehört zu einem anderen Konto der Börse als der, mit dem der Erstkontakt gemacht wurde: Machen Sie ihn neu.</translation>
    </message>
    <message>
        <source>The key has no right to trade: give it the one for spot trading.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel hat kein Handelsrecht: Geben Sie ihm das für den Spot-Handel.</translation>
    </message>
    <message>
        <source>The key has rights that are never needed here: {names}. Take them away.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel hat Rechte, die hier nie gebraucht werden: {names}. Nehmen Sie sie weg.</translation>
    </message>
    <message>
        <source>The key holds characters that no key has: copy it anew.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel enthält Zeichen, die kein Schlüssel hat: Kopieren Sie ihn neu.</translation>
    </message>
    <message>
        <source>The key is kept in memory and is gone when the program ends: {why}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel liegt im Arbeitsspeicher und ist beim Programmende weg: {why}</translation>
    </message>
    <message>
        <source>The key may not trade: plans are shown, nothing can be sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel darf nicht handeln: Pläne werden gezeigt, nichts kann gesendet werden.</translation>
    </message>
    <message>
        <source>The key may withdraw. The account is saved and only watches; trading is refused until the right is taken away at the exchange or another key is given.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel darf auszahlen. Das Konto ist gespeichert und beobachtet nur; der Handel bleibt verwehrt, bis das Recht an der Börse weggenommen oder ein anderer Schlüssel gegeben ist.</translation>
    </message>
    <message>
        <source>The key may withdraw: make one without that right. There is no way round this.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel darf auszahlen: Erzeugen Sie einen ohne dieses Recht. Daran führt kein Weg vorbei.</translation>
    </message>
    <message>
        <source>The key of the account {name} belongs to another account at the exchange than its ledger.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel des Kontos {name} gehört zu einem anderen Konto an der Börse als sein Kontobuch.</translation>
    </message>
    <message>
        <source>The key of {name} is locked: {message} {advice}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel von {name} ist verschlossen: {message} {advice}</translation>
    </message>
    <message>
        <source>The key of {name} is not kept any more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel von {name} wird nicht mehr aufbewahrt.</translation>
    </message>
    <message>
        <source>The key of {name} is not kept any more. {give_again} {watches}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel von {name} ist nicht mehr verwahrt. {give_again} {watches}</translation>
    </message>
    <message>
        <source>The key that is kept for {name} is another one than is registered.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der für {name} verwahrte Schlüssel ist ein anderer als der eingetragene.</translation>
    </message>
    <message>
        <source>The key was written to {described}, and something else was read back. It was taken away again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel wurde in {described} geschrieben, und etwas anderes wurde zurückgelesen. Er wurde wieder weggenommen.</translation>
    </message>
    <message>
        <source>The key works from every address. Restrict it at the exchange to this computer's address.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel gilt von jeder Adresse. Beschränken Sie ihn an der Börse auf die Adresse dieses Computers.</translation>
    </message>
    <message>
        <source>The keyring</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüsselbund</translation>
    </message>
    <message>
        <source>The keyring of this system cannot be used: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüsselbund dieses Systems ist nicht benutzbar: {error}.</translation>
    </message>
    <message>
        <source>The keyring {name} is not used: it is none of those that are known to lock keys away.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüsselbund {name} wird nicht benutzt: Er gehört zu keinem, von dem bekannt ist, dass er Schlüssel verschließt.</translation>
    </message>
    <message>
        <source>The ledger begins with what the exchange holds, all of it in the free pool: strategies and history of before are not in it. The damaged file is kept.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Kontobuch beginnt mit dem, was die Börse hält, alles im freien Bestand: Strategien und Verlauf von früher sind nicht darin. Die beschädigte Datei wird aufgehoben.</translation>
    </message>
    <message>
        <source>The ledger is an older copy: a later state of it was here before.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Kontobuch ist eine ältere Kopie: Ein späterer Stand davon war schon hier.</translation>
    </message>
    <message>
        <source>The ledger is new, though there was one before: it begins with what the exchange holds.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Kontobuch ist neu, obwohl es früher eines gab: Es beginnt mit dem, was die Börse hält.</translation>
    </message>
    <message>
        <source>The ledger is older than what happened at the exchange.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Kontobuch ist älter als das, was an der Börse geschehen ist.</translation>
    </message>
    <message>
        <source>The log file says more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Protokolldatei sagt mehr.</translation>
    </message>
    <message>
        <source>The log {file} cannot be read: {strerror}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Protokoll {file} kann nicht gelesen werden: {strerror}.</translation>
    </message>
    <message>
        <source>The log {path} cannot be written: {strerror}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Protokoll {path} kann nicht geschrieben werden: {strerror}.</translation>
    </message>
    <message>
        <source>The manifest of the backup names a file in a way that is not understood.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Verzeichnis der Sicherung nennt eine Datei auf eine Weise, die nicht zu verstehen ist.</translation>
    </message>
    <message>
        <source>The manifest of the backup names a file twice.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Verzeichnis der Sicherung nennt eine Datei doppelt.</translation>
    </message>
    <message>
        <source>The market of {coins} is closed: replace or drop it, or wait until it opens.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Markt von {coins} ist geschlossen: Ersetzen Sie ihn oder lassen Sie ihn weg, oder warten Sie, bis er öffnet.</translation>
    </message>
    <message>
        <source>The market rules of {names} are missing: each coin must have its own.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Marktregeln von {names} fehlen: Jeder Coin muss seine eigenen haben.</translation>
    </message>
    <message>
        <source>The market {symbol} is not open.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Markt {symbol} ist nicht offen.</translation>
    </message>
    <message>
        <source>The markets of this account are those of a real exchange: only it can change them.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Märkte dieses Kontos sind die einer echten Börse: Nur sie kann sie ändern.</translation>
    </message>
    <message>
        <source>The money of a strategy cannot be changed: {name} is held in {quote}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Geld einer Strategie kann nicht geändert werden: {name} wird in {quote} gehalten.</translation>
    </message>
    <message>
        <source>The name was not typed as it is: {name}. Nothing was changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Name wurde nicht genau getippt: {name}. Nichts wurde geändert.</translation>
    </message>
    <message>
        <source>The name {new_name} is or was in use already.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Name {new_name} ist oder war schon vergeben.</translation>
    </message>
    <message>
        <source>The newest known caps are used.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die neuesten bekannten Werte werden verwendet.</translation>
    </message>
    <message>
        <source>The next order of an account is sent when the one before is booked, none for a coin whose order is open.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die nächste Order eines Kontos wird gesendet, wenn die vorige gebucht ist, keine für einen Coin mit offener Order.</translation>
    </message>
    <message>
        <source>The numbers can be read in two ways (1.234 or 1,234: a thousand, or a little over one?). Save them with a decimal point and without marks for thousands.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Zahlen lassen sich auf zwei Arten lesen (1.234 oder 1,234: tausend, oder etwas über eins?). Speichern Sie sie mit Dezimalpunkt und ohne Tausendertrennung.</translation>
    </message>
    <message>
        <source>The order book of {symbol} is crossed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Orderbuch von {symbol} ist gekreuzt.</translation>
    </message>
    <message>
        <source>The order book of {symbol} is empty.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Orderbuch von {symbol} ist leer.</translation>
    </message>
    <message>
        <source>The order value is less than the minimum value, and is unable to rebalance this time.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Orderwert liegt unter dem Mindestwert, darum ist diesmal kein Rebalancing möglich.</translation>
    </message>
    <message>
        <source>The order {client_order_id} ({side} {symbol}) has no final answer yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Order {client_order_id} ({side} {symbol}) hat noch keine endgültige Antwort.</translation>
    </message>
    <message>
        <source>The order {client_order_id} is not waiting for a decision.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Order {client_order_id} wartet nicht auf eine Entscheidung.</translation>
    </message>
    <message>
        <source>The order {venue_order_id} is still open at the exchange: wait until it is over, or cancel it there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Order {venue_order_id} ist an der Börse noch offen: Warten Sie, bis sie vorbei ist, oder stornieren Sie sie dort.</translation>
    </message>
    <message>
        <source>The paper account is closed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Übungskonto ist geschlossen.</translation>
    </message>
    <message>
        <source>The paper account's file {path} cannot be brought up to date: {error}. It was left as it is.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} des Übungskontos kann nicht auf den neuen Stand gebracht werden: {error}. Sie blieb, wie sie ist.</translation>
    </message>
    <message>
        <source>The paper account's file {path} cannot be made: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} des Übungskontos kann nicht angelegt werden: {error}.</translation>
    </message>
    <message>
        <source>The paper account's file {path} cannot be opened: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} des Übungskontos kann nicht geöffnet werden: {error}.</translation>
    </message>
    <message>
        <source>The paper account's file {path} is damaged ({what}). Nothing was changed in it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} des Übungskontos ist beschädigt ({what}). Nichts wurde darin geändert.</translation>
    </message>
    <message>
        <source>The paper account's file {path} is in use by another instance of the program.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} des Übungskontos wird von einem anderen Lauf des Programms benutzt.</translation>
    </message>
    <message>
        <source>The paper account's file {path} is missing, but {name} of it is still there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} des Übungskontos fehlt, aber {name} davon ist noch da.</translation>
    </message>
    <message>
        <source>The paper account's file {path} is read-only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} des Übungskontos ist schreibgeschützt.</translation>
    </message>
    <message>
        <source>The paper account's file {path} was written by a newer version of the program.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {path} des Übungskontos wurde von einer neueren Programmversion geschrieben.</translation>
    </message>
    <message>
        <source>The paper account's file {value} cannot be read: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {value} des Übungskontos kann nicht gelesen werden: {error}.</translation>
    </message>
    <message>
        <source>The paper account's file {value} cannot be written: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei {value} des Übungskontos kann nicht geschrieben werden: {error}.</translation>
    </message>
    <message>
        <source>The paper account's own file {value} is damaged, so there is nothing to begin a new ledger from. Put a backup back, or begin anew with `rebalancer account reset`.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die eigene Datei {value} des Übungskontos ist beschädigt, darum gibt es nichts, womit ein neues Kontobuch beginnen könnte. Stellen Sie eine Sicherung wieder her, oder beginnen Sie neu mit `rebalancer account reset`.</translation>
    </message>
    <message>
        <source>The paper account's {asset} would fall under zero: free {free}, locked {locked}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} des Übungskontos würde unter null fallen: frei {free}, gebunden {locked}.</translation>
    </message>
    <message>
        <source>The preset could not be deleted: {strerror}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Vorlage konnte nicht gelöscht werden: {strerror}.</translation>
    </message>
    <message>
        <source>The preset could not be stored: {strerror}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Vorlage konnte nicht gespeichert werden: {strerror}.</translation>
    </message>
    <message>
        <source>The preset is called {name} now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Vorlage heißt jetzt {name}.</translation>
    </message>
    <message>
        <source>The preset needs</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Vorlage braucht</translation>
    </message>
    <message>
        <source>The preset {name} was deleted.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Vorlage {name} wurde gelöscht.</translation>
    </message>
    <message>
        <source>The preset {name} was saved.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Vorlage {name} wurde gespeichert.</translation>
    </message>
    <message>
        <source>The price of {base} went from {before} to {after} and stayed there: {base} seems to have new units. Nothing is sent until its owner has looked at it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Preis von {base} ging von {before} auf {after} und blieb dort: {base} scheint neue Einheiten zu haben. Nichts wird gesendet, bis sein Besitzer nachgesehen hat.</translation>
    </message>
    <message>
        <source>The program ended in the middle of it. What was traded is booked; the rest follows at the next check.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Programm endete mittendrin. Was gehandelt wurde, ist gebucht; der Rest folgt bei der nächsten Prüfung.</translation>
    </message>
    <message>
        <source>The program ended in the middle of the backup.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Programm endete mitten in der Sicherung.</translation>
    </message>
    <message>
        <source>The program that runs gave the backup up.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das laufende Programm hat die Sicherung aufgegeben.</translation>
    </message>
    <message>
        <source>The records could not be exported: the program met a fault of its own. The log file says more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Aufzeichnungen konnten nicht exportiert werden: Das Programm stieß auf einen eigenen Fehler. Die Protokolldatei sagt mehr.</translation>
    </message>
    <message>
        <source>The replay is not over yet; a random walk can only follow its last day.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Wiedergabe ist noch nicht zu Ende; ein Zufallslauf kann nur auf ihren letzten Tag folgen.</translation>
    </message>
    <message>
        <source>The rest stays free for what must not wait. When the exchange says to wait, everything waits.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Rest bleibt frei für das, was nicht warten darf. Sagt die Börse zu warten, wartet alles.</translation>
    </message>
    <message>
        <source>The rights of the key could not be read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Rechte des Schlüssels konnten nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The safety rails were changed in Settings.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherheitsgrenzen wurden in den Einstellungen geändert.</translation>
    </message>
    <message>
        <source>The same over all strategies, so that many small loops are stopped too.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dasselbe über alle Strategien, damit auch viele kleine Schleifen gestoppt werden.</translation>
    </message>
    <message>
        <source>The same over all strategies.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dasselbe über alle Strategien.</translation>
    </message>
    <message>
        <source>The same refusal again and again will not go away by itself.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Immer dieselbe Ablehnung geht nicht von selbst weg.</translation>
    </message>
    <message>
        <source>The settings in {settings_file} are of version {get}; this program knows version {version}, so the defaults are used and nothing is stored.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Einstellungen in {settings_file} sind von Version {get}; dieses Programm kennt Version {version}, darum gelten die Vorgaben und nichts wird gespeichert.</translation>
    </message>
    <message>
        <source>The settings in {settings_file} cannot be understood ({error}), so the defaults are used.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Einstellungen in {settings_file} sind nicht zu verstehen ({error}), darum gelten die Vorgaben.</translation>
    </message>
    <message>
        <source>The smallest legal buy in {symbol} takes {investment} {money}; free are {free}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der kleinste zulässige Kauf in {symbol} braucht {investment} {money}; frei sind {free}.</translation>
    </message>
    <message>
        <source>The sources want to be left alone until {asked} UTC.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Quellen möchten bis {asked} UTC in Ruhe gelassen werden.</translation>
    </message>
    <message>
        <source>The starting money must be above 0 and at most {most_start_money}, with at most 8 decimals.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Anfangsgeld muss über 0 und höchstens {most_start_money} sein, mit höchstens 8 Nachkommastellen.</translation>
    </message>
    <message>
        <source>The stored candles were damaged: they are loaded anew ({name} is the old file).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die gespeicherten Kerzen waren beschädigt: Sie werden neu geladen ({name} ist die alte Datei).</translation>
    </message>
    <message>
        <source>The strategy is worth {plain} {quote}; these weights need {smallest} {quote} at least.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Strategie ist {plain} {quote} wert; diese Gewichte brauchen mindestens {smallest} {quote}.</translation>
    </message>
    <message>
        <source>The strategy needs</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Strategie braucht</translation>
    </message>
    <message>
        <source>The strategy needs a name.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Strategie braucht einen Namen.</translation>
    </message>
    <message>
        <source>The test of the connection did not go through: {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Test der Verbindung ging nicht durch: {names}</translation>
    </message>
    <message>
        <source>The time in the manifest of the backup is not understood.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Zeit im Verzeichnis der Sicherung ist nicht zu verstehen.</translation>
    </message>
    <message>
        <source>The trigger was never reached: nothing was bought.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Auslöser wurde nie erreicht: Nichts wurde gekauft.</translation>
    </message>
    <message>
        <source>The vault {name} is locked.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Tresor {name} ist verschlossen.</translation>
    </message>
    <message>
        <source>The vault {path} cannot be read: {strerror}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Tresor {path} kann nicht gelesen werden: {strerror}.</translation>
    </message>
    <message>
        <source>The vault {path} cannot be used: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Tresor {path} ist nicht benutzbar: {error}.</translation>
    </message>
    <message>
        <source>The vault {path} cannot be written: {strerror}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Tresor {path} kann nicht geschrieben werden: {strerror}.</translation>
    </message>
    <message>
        <source>The vault {path} was written, and something else was read back.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Tresor {path} wurde geschrieben, und etwas anderes wurde zurückgelesen.</translation>
    </message>
    <message>
        <source>The versions of the ledgers in the manifest of the backup are not understood.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Versionen der Kontobücher im Verzeichnis der Sicherung sind nicht zu verstehen.</translation>
    </message>
    <message>
        <source>The weights add up to {weight_sum} %, not to 100 %: {hint}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Gewichte ergeben {weight_sum} %, nicht 100 %: {hint}.</translation>
    </message>
    <message>
        <source>The weights must add up to 100 %, not {weights} %.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Gewichte müssen 100 % ergeben, nicht {weights} %.</translation>
    </message>
    <message>
        <source>The whole account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das ganze Konto</translation>
    </message>
    <message>
        <source>The widest spread of a major coin must not be over that of any other coin ({others} %).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der größte Spread eines großen Coins darf nicht über dem eines anderen Coins liegen ({others} %).</translation>
    </message>
    <message>
        <source>The window opens in the tray, or in the task bar where there is no tray. Also with --minimised.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Fenster öffnet im Infobereich, oder in der Taskleiste, wo es keinen gibt. Auch mit --minimised.</translation>
    </message>
    <message>
        <source>The words of the window. It takes effect at the next start.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Wörter des Fensters. Es wirkt beim nächsten Start.</translation>
    </message>
    <message>
        <source>The {of} of {name} was reached: the strategy ends, {sold}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{of} von {name} wurde erreicht: Die Strategie endet, {sold}.</translation>
    </message>
    <message>
        <source>The {word} at {level} % would fire at once: {legal}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{word} bei {level} % würde sofort auslösen: {legal}.</translation>
    </message>
    <message>
        <source>The {word} must be a number.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{word} muss eine Zahl sein.</translation>
    </message>
    <message>
        <source>The {word} price must be above 0.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Preis für {word} muss über 0 liegen.</translation>
    </message>
    <message>
        <source>The {word} would fire at once: it must be {side} {where} of {symbol}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{word} würde sofort auslösen: muss {side} {where} von {symbol} liegen.</translation>
    </message>
    <message>
        <source>There are more than {max_symbols} symbols.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es sind mehr als {max_symbols} Symbole.</translation>
    </message>
    <message>
        <source>There are no bundled prices of {names} in that time.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keine mitgelieferten Preise von {names} in dieser Zeit.</translation>
    </message>
    <message>
        <source>There are no candles of {names}. There are candles of: {known}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keine Kerzen von {names}. Es gibt Kerzen von: {known}.</translation>
    </message>
    <message>
        <source>There are no candles of {symbol}, which is watched.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keine Kerzen von {symbol}, das beobachtet wird.</translation>
    </message>
    <message>
        <source>There are no presets in {folder}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In {folder} gibt es keine Vorlagen.</translation>
    </message>
    <message>
        <source>There are no such settings: {unknown}. Legal are: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Solche Einstellungen gibt es nicht: {unknown}. Zulässig sind: {names}.</translation>
    </message>
    <message>
        <source>There are {max_channels} channels already: remove one first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt schon {max_channels} Kanäle: Entfernen Sie zuerst einen.</translation>
    </message>
    <message>
        <source>There are {max_own_presets} presets of yours already: delete one first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt schon {max_own_presets} eigene Vorlagen: Löschen Sie zuerst eine.</translation>
    </message>
    <message>
        <source>There is a channel {wanted} already.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt schon einen Kanal {wanted}.</translation>
    </message>
    <message>
        <source>There is a preset named {name} already: choose another name.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt schon eine Vorlage namens {name}: Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>There is a strategy named {strip} already: choose another name.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt schon eine Strategie namens {strip}: Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>There is an account {name} already: choose another name.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt schon ein Konto {name}: Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>There is no account {account} in this data folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In diesem Datenordner gibt es kein Konto {account}.</translation>
    </message>
    <message>
        <source>There is no account {account}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt kein Konto {account}.</translation>
    </message>
    <message>
        <source>There is no account {name} in this data folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In diesem Datenordner gibt es kein Konto {name}.</translation>
    </message>
    <message>
        <source>There is no account {name}, or it is not open.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt kein Konto {name}, oder es ist nicht offen.</translation>
    </message>
    <message>
        <source>There is no account {name}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt kein Konto {name}.</translation>
    </message>
    <message>
        <source>There is no account {name}; there is: {there}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt kein Konto {name}; es gibt: {there}.</translation>
    </message>
    <message>
        <source>There is no asset {asset} here: name one that the account holds or has a market for.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hier gibt es kein {asset}: Nennen Sie eines, das das Konto hält oder für das es einen Markt hat.</translation>
    </message>
    <message>
        <source>There is no candle file (*.csv) there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dort gibt es keine Kerzendatei (*.csv).</translation>
    </message>
    <message>
        <source>There is no candle file to read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keine Kerzendatei zu lesen.</translation>
    </message>
    <message>
        <source>There is no candle in it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es ist keine Kerze darin.</translation>
    </message>
    <message>
        <source>There is no candle of {names} in that time.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In dieser Zeit gibt es keine Kerze von {names}.</translation>
    </message>
    <message>
        <source>There is no candle with a good price of {names} in the range asked for.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Im verlangten Zeitraum gibt es keine Kerze von {names} mit gültigem Preis.</translation>
    </message>
    <message>
        <source>There is no channel of this name. There are: {known}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einen Kanal dieses Namens gibt es nicht. Es gibt: {known}.</translation>
    </message>
    <message>
        <source>There is no column symbol, and the name {name} does not tell one market surely. Name the file like BTC-USDT.csv, or add the column.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keine Spalte symbol, und der Name {name} sagt den Markt nicht eindeutig. Nennen Sie die Datei wie BTC-USDT.csv, oder fügen Sie die Spalte hinzu.</translation>
    </message>
    <message>
        <source>There is no exchange {venue} here. {hint}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt hier keine Börse {venue}. {hint}</translation>
    </message>
    <message>
        <source>There is no exchange {venue} in ccxt.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In ccxt gibt es keine Börse {venue}.</translation>
    </message>
    <message>
        <source>There is no exchange {venue}{how} in ccxt.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In ccxt gibt es keine Börse {venue}{how}.</translation>
    </message>
    <message>
        <source>There is no file {file}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keine Datei {file}.</translation>
    </message>
    <message>
        <source>There is no good price for every coin now ({value}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt gibt es nicht für jeden Coin einen guten Preis ({value}).</translation>
    </message>
    <message>
        <source>There is no good price for every coin now ({why}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt gibt es nicht für jeden Coin einen guten Preis ({why}).</translation>
    </message>
    <message>
        <source>There is no good price for every coin now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt gibt es nicht für jeden Coin einen guten Preis.</translation>
    </message>
    <message>
        <source>There is no good price for {names} now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für {names} gibt es jetzt keinen guten Preis.</translation>
    </message>
    <message>
        <source>There is no good price of {symbol} now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für {symbol} gibt es jetzt keinen guten Preis.</translation>
    </message>
    <message>
        <source>There is no key of {name} now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt jetzt keinen Schlüssel von {name}.</translation>
    </message>
    <message>
        <source>There is no key: give the account one that may trade and may not withdraw.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keinen Schlüssel: Geben Sie dem Konto einen, der handeln und nicht auszahlen darf.</translation>
    </message>
    <message>
        <source>There is no ledger of {account} in this data folder.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In diesem Datenordner gibt es kein Kontobuch von {account}.</translation>
    </message>
    <message>
        <source>There is no market of {asset} on this account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auf diesem Konto gibt es keinen Markt für {asset}.</translation>
    </message>
    <message>
        <source>There is no open market {symbol} at {name}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>An {name} gibt es keinen offenen Markt {symbol}.</translation>
    </message>
    <message>
        <source>There is no order book of {symbol} now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von {symbol} gibt es jetzt kein Orderbuch.</translation>
    </message>
    <message>
        <source>There is no paper account {account} that could be reset.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt kein Übungskonto {account}, das zurückgesetzt werden könnte.</translation>
    </message>
    <message>
        <source>There is no place to keep the address: this system has no keyring that can be used, and no passphrase vault is open.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keinen Ort für die Adresse: Dieses System hat keinen benutzbaren Schlüsselbund, und kein Tresor mit Passphrase ist offen.</translation>
    </message>
    <message>
        <source>There is no price of {symbol} now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für {symbol} gibt es jetzt keinen Preis.</translation>
    </message>
    <message>
        <source>There is no price yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt noch keinen Preis.</translation>
    </message>
    <message>
        <source>There is no strategy {strategy_id} on the account {name}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auf dem Konto {name} gibt es keine Strategie {strategy_id}.</translation>
    </message>
    <message>
        <source>There is no strategy {strategy_id}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keine Strategie {strategy_id}.</translation>
    </message>
    <message>
        <source>There is no such setting. There are: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine solche Einstellung gibt es nicht. Es gibt: {names}.</translation>
    </message>
    <message>
        <source>There is not enough memory to work with {path}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Speicher reicht nicht, um mit {path} zu arbeiten.</translation>
    </message>
    <message>
        <source>There is {found} at which every coin has a price; a backtest needs at least {least_bars}. Candles: {parts}. Candles of different time zones or lengths do not meet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt {found}, zu denen jeder Coin einen Preis hat; ein Backtest braucht mindestens {least_bars}. Kerzen: {parts}. Kerzen verschiedener Zeitzonen oder Längen treffen sich nicht.</translation>
    </message>
    <message>
        <source>There was no daily close of yesterday.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gestern gab es keinen Tagesschluss.</translation>
    </message>
    <message>
        <source>There was no first contact with this key: one smallest legal buy that is sold back.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mit diesem Schlüssel gab es keinen Erstkontakt: einen kleinsten zulässigen Kauf, der zurückverkauft wird.</translation>
    </message>
    <message>
        <source>These are the coins and weights it has.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das sind ihre jetzigen Coins und Gewichte.</translation>
    </message>
    <message>
        <source>These candles are not being loaded (any more).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Kerzen werden nicht (mehr) geladen.</translation>
    </message>
    <message>
        <source>This Python brings SQLite {sqlite_version}, which is too old to keep a ledger safely.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieses Python bringt SQLite {sqlite_version} mit, das zu alt ist, um ein Kontobuch sicher zu führen.</translation>
    </message>
    <message>
        <source>This account has market caps of its own: there is nothing newer to read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieses Konto hat eine eigene Marktkapitalisierung: Es gibt nichts Neueres zu lesen.</translation>
    </message>
    <message>
        <source>This account has no source of market caps.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieses Konto hat keine Quelle für Marktkapitalisierung.</translation>
    </message>
    <message>
        <source>This channel works. Here you will be told when a strategy halts, an order needs your decision, and what else you chose.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieser Kanal funktioniert. Hier wird Ihnen gesagt, wenn eine Strategie angehalten wird, eine Order Ihre Entscheidung braucht, und was Sie sonst gewählt haben.</translation>
    </message>
    <message>
        <source>This exchange is watch only here. {tier_reason}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Börse ist hier nur zu beobachten. {tier_reason}</translation>
    </message>
    <message>
        <source>This exchange takes its fees in {bnb}, and would take them from a strategy that holds {bnb} when the free pool has none left. Keep {bnb} for {days} days of fees in the free pool{amount}; it has {plain}. Or switch the payment of fees with {bnb} off at the exchange, or leave {bnb} out.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Börse nimmt ihre Gebühren in {bnb} und nähme sie einer Strategie, die {bnb} hält, wenn der freie Bestand keine mehr hat. Halten Sie {bnb} für {days} Tage Gebühren im freien Bestand{amount}; er hat {plain}. Oder schalten Sie die Zahlung mit {bnb} an der Börse aus, oder lassen Sie {bnb} weg.</translation>
    </message>
    <message>
        <source>This export is over already.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieser Export ist schon vorbei.</translation>
    </message>
    <message>
        <source>This is no address of a channel: it looks like ntfys://TOPIC or mailtos://USER:PASSWORD@HOST.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das ist keine Adresse eines Kanals: Sie sieht aus wie ntfys://TOPIC oder mailtos://USER:PASSWORD@HOST.</translation>
    </message>
    <message>
        <source>This is no file of the format {format}, version {version}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das ist keine Datei des Formats {format}, Version {version}.</translation>
    </message>
    <message>
        <source>This is no secret of {venue}: nothing can be signed with it. Copy it anew, all of it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das ist kein Geheimnis von {venue}: Damit lässt sich nichts unterschreiben. Kopieren Sie es neu, und zwar ganz.</translation>
    </message>
    <message>
        <source>This looks like an address: an address is a secret, so it cannot be a name.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das sieht aus wie eine Adresse: Eine Adresse ist ein Geheimnis, darum kann sie kein Name sein.</translation>
    </message>
    <message>
        <source>This passphrase does not open the vault (or its file was changed).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Passphrase öffnet den Tresor nicht (oder seine Datei wurde verändert).</translation>
    </message>
    <message>
        <source>This preset is not there any more, or it is none of yours.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Vorlage ist nicht mehr da, oder sie ist keine von Ihren.</translation>
    </message>
    <message>
        <source>This proposal is over: prices moved or a minute has passed. It is planned anew.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieser Vorschlag ist vorbei: Preise haben sich bewegt oder eine Minute verging. Es wird neu geplant.</translation>
    </message>
    <message>
        <source>This system has no keyring (on Linux: no Secret Service and no KWallet answers on the session bus).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieses System hat keinen Schlüsselbund (unter Linux: Auf dem Sitzungsbus antworten weder Secret Service noch KWallet).</translation>
    </message>
    <message>
        <source>Time between two rebalances</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeit zwischen zwei Rebalancings</translation>
    </message>
    <message>
        <source>Times are written in several ways ({names}); each was read as it is.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeiten sind auf mehrere Arten geschrieben ({names}); jede wurde gelesen, wie sie ist.</translation>
    </message>
    <message>
        <source>Too little for {names}: the smallest investment for these weights is {smallest} {quote}{with_coins}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu wenig für {names}: Der kleinste Anlagebetrag für diese Gewichte ist {smallest} {quote}{with_coins}.</translation>
    </message>
    <message>
        <source>Too small for any order: the smallest amount now is {smallest} {quote}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu klein für jede Order: Der kleinste Betrag ist jetzt {smallest} {quote}.</translation>
    </message>
    <message>
        <source>Trading is on for {name}: {mode} orders are sent. The risk text was accepted. {rests_here}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Handel ist ein für {name}: Orders werden gesendet ({mode}). Der Risikotext wurde angenommen. {rests_here}</translation>
    </message>
    <message>
        <source>Trading is stopped: press Resume trading first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Handel ist gestoppt: Drücken Sie zuerst Handel fortsetzen.</translation>
    </message>
    <message>
        <source>Trading of a live account is switched on by typing its name (Go live).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Handel eines echten Kontos wird durch Tippen seines Namens eingeschaltet.</translation>
    </message>
    <message>
        <source>Trading switched on by name</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel durch den Namen eingeschaltet</translation>
    </message>
    <message>
        <source>Trigger price, stop-loss and take-profit are watched by this program; nothing rests on the exchange. While the program is closed, asleep or offline they do not fire.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auslösepreis, Stop-Loss und Take-Profit beobachtet dieses Programm; an der Börse liegt nichts. Solange es geschlossen ist, der Computer schläft oder offline ist, greifen sie nicht.</translation>
    </message>
    <message>
        <source>Try it again, or choose a file locked with a passphrase.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Versuchen Sie es noch einmal, oder wählen Sie eine mit Passphrase verschlossene Datei.</translation>
    </message>
    <message>
        <source>Turnover of a strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Umschlag einer Strategie</translation>
    </message>
    <message>
        <source>Turnover of the account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Umschlag des Kontos</translation>
    </message>
    <message>
        <source>Unlock it (log in to the desktop, or open its own program), then try again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Entsperren Sie ihn (melden Sie sich am Desktop an, oder öffnen Sie sein eigenes Programm), dann versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Unlock it, then try again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Entsperren Sie ihn, dann versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Until then nothing is asked and nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bis dahin wird nichts abgefragt und nichts gesendet.</translation>
    </message>
    <message>
        <source>Use a Python with SQLite {names} or newer.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Benutzen Sie ein Python mit SQLite {names} oder neuer.</translation>
    </message>
    <message>
        <source>Use the exchange that serves your region, or its address for your region as the account's own API address. A VPN, a proxy or a rented server counts as the place where it stands.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Benutzen Sie die Börse, die Ihre Region bedient, oder ihre Adresse für Ihre Region als eigene API-Adresse des Kontos. Bei VPN, Proxy oder gemietetem Server zählt der Ort, an dem er steht.</translation>
    </message>
    <message>
        <source>Use the key of the former account again, or make a new account here for this one.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Benutzen Sie wieder den Schlüssel des früheren Kontos, oder legen Sie hier für dieses ein neues Konto an.</translation>
    </message>
    <message>
        <source>Use the newer program, or move the file away.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Benutzen Sie das neuere Programm, oder verschieben Sie die Datei.</translation>
    </message>
    <message>
        <source>Use the window that is open, close it first, or start with another data folder (--data-dir).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Benutzen Sie das offene Fenster, schließen Sie es zuerst, oder starten Sie mit einem anderen Datenordner (--data-dir).</translation>
    </message>
    <message>
        <source>Valued in a coin that lost its dollar every other price is wrong. Counts where the account quotes another dollar coin in it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In einem Coin bewertet, der seinen Dollar verlor, ist jeder andere Preis falsch. Zählt, wo das Konto einen anderen Dollar-Coin darin notiert.</translation>
    </message>
    <message>
        <source>Version {version} is not known, {hint}: this program reads version {version2}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Version {version} ist nicht bekannt, {hint}: Dieses Programm liest Version {version2}.</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Watch only: plans are shown, nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur beobachten: Pläne werden gezeigt, nichts wird gesendet.</translation>
    </message>
    <message>
        <source>What a limit order left goes at market only then; else it waits. A rule of every order.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was eine Limit-Order übrig ließ, geht nur dann zum Marktpreis; sonst wartet es. Eine Regel jeder Order.</translation>
    </message>
    <message>
        <source>What happened since then is not in it: it is compared with the exchange first, more than the ledger goes to the free pool, and who lacks something is halted until you decide. The damaged file is kept.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was seither geschah, ist nicht darin: Es wird zuerst mit der Börse verglichen, was dort mehr ist als im Kontobuch, geht in den freien Bestand, und wem etwas fehlt, der wird angehalten, bis Sie entscheiden. Die beschädigte Datei wird aufgehoben.</translation>
    </message>
    <message>
        <source>What this key may do cannot be checked here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was dieser Schlüssel darf, ist hier nicht prüfbar.</translation>
    </message>
    <message>
        <source>What to do: </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was zu tun ist: </translation>
    </message>
    <message>
        <source>What was missed while the program slept or was closed is made up for once at most.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was im Ruhezustand oder bei geschlossenem Programm ausfiel, wird höchstens einmal nachgeholt.</translation>
    </message>
    <message>
        <source>What was missing of {asset} is there again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was von {asset} fehlte, ist wieder da.</translation>
    </message>
    <message>
        <source>What {described} keeps for the account {account} is not whole.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was {described} für das Konto {account} verwahrt, ist nicht vollständig.</translation>
    </message>
    <message>
        <source>When no price of the exchange has changed for so long, the prices are frozen. One quiet coin alone is not.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hat sich so lange kein Preis der Börse geändert, sind die Preise eingefroren. Ein einzelner stiller Coin ist das nicht.</translation>
    </message>
    <message>
        <source>When the window is closed while strategies run</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wenn das Fenster geschlossen wird, während Strategien laufen</translation>
    </message>
    <message>
        <source>Where the last trade is under a minute old, an order book far from it is not to be believed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ist die letzte Ausführung unter einer Minute alt, ist einem weit entfernten Orderbuch nicht zu glauben.</translation>
    </message>
    <message>
        <source>Widest spread of a major coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Größter Spread eines großen Coins</translation>
    </message>
    <message>
        <source>Widest spread of any other coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Größter Spread jedes anderen Coins</translation>
    </message>
    <message>
        <source>With a clock further off the exchange refuses orders, or takes them when they are too old.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geht die Uhr noch falscher, lehnt die Börse Orders ab oder nimmt sie, wenn sie zu alt sind.</translation>
    </message>
    <message>
        <source>Within a minute: rebalances wait until three good quotes over 60 seconds say the same. Exits do not wait.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Binnen einer Minute: Rebalancings warten, bis drei gute Kurse über 60 Sekunden dasselbe sagen. Ausstiege warten nicht.</translation>
    </message>
    <message>
        <source>Without a second source of prices a stop-loss or take-profit needs its three good quotes at least so far apart.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ohne zweite Preisquelle braucht ein Stop-Loss oder Take-Profit seine drei guten Kurse mindestens so weit auseinander.</translation>
    </message>
    <message>
        <source>Without a tray, which not every desktop has, it asks instead of hiding there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ohne Infobereich, den nicht jeder Desktop hat, wird gefragt, statt sich dort zu verstecken.</translation>
    </message>
    <message>
        <source>Without a trigger it starts at once, and its money is too little for that now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ohne Auslöser beginnt sie sofort, und ihr Geld ist jetzt zu wenig dafür.</translation>
    </message>
    <message>
        <source>Without a trigger it starts at once, and there is no good price for every coin now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ohne Auslöser beginnt sie sofort, und jetzt gibt es nicht für jeden Coin einen guten Preis.</translation>
    </message>
    <message>
        <source>Without encryption (http://) only this machine itself can be reached.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ohne Verschlüsselung (http://) ist nur dieser Rechner selbst erreichbar.</translation>
    </message>
    <message>
        <source>Yandex Disk</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Yandex Disk</translation>
    </message>
    <message>
        <source>`rebalancer account restore` puts the newest good backup in its place (with the ledger of that time), `rebalancer account reset` begins with a new paper account; the damaged file is kept.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>`rebalancer account restore` setzt die neueste gute Sicherung an ihre Stelle (mit dem Kontobuch jener Zeit), `rebalancer account reset` beginnt mit einem neuen Übungskonto; die beschädigte Datei wird aufgehoben.</translation>
    </message>
    <message>
        <source>`rebalancer doctor` says what helps. {advice}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>`rebalancer doctor` sagt, was hilft. {advice}</translation>
    </message>
    <message>
        <source>a Binance data dump</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Datensammlung von Binance</translation>
    </message>
    <message>
        <source>a Coinbase candle list</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Kerzenliste von Coinbase</translation>
    </message>
    <message>
        <source>a CryptoDataDownload export</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Export von CryptoDataDownload</translation>
    </message>
    <message>
        <source>a Kraken OHLC answer</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine OHLC-Antwort von Kraken</translation>
    </message>
    <message>
        <source>a Kraken OHLCVT dump</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine OHLCVT-Datensammlung von Kraken</translation>
    </message>
    <message>
        <source>a Yahoo Finance export (its volume is in dollars and is left out)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Export von Yahoo Finance (sein Volumen ist in Dollar und wird weggelassen)</translation>
    </message>
    <message>
        <source>a coin was delisted or its market closed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Coin wurde vom Handel genommen oder sein Markt geschlossen</translation>
    </message>
    <message>
        <source>a date such as "2026-11-27"</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Datum wie "2026-11-27"</translation>
    </message>
    <message>
        <source>a file locked with your passphrase</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine mit Ihrer Passphrase verschlossene Datei</translation>
    </message>
    <message>
        <source>a file with a header</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Datei mit Kopfzeile</translation>
    </message>
    <message>
        <source>a level of the book cannot be read</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Ebene des Orderbuchs ist nicht zu lesen</translation>
    </message>
    <message>
        <source>a leveraged token</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein gehebeltes Token</translation>
    </message>
    <message>
        <source>a list</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Liste</translation>
    </message>
    <message>
        <source>a list of files</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Liste von Dateien</translation>
    </message>
    <message>
        <source>a migration left {orphans} rows without what they refer to</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Umstellung ließ {orphans} Zeilen ohne das, worauf sie sich beziehen</translation>
    </message>
    <message>
        <source>a name of {asset_legal}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Name aus {asset_legal}</translation>
    </message>
    <message>
        <source>a name that stands there twice</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Name, der doppelt dasteht</translation>
    </message>
    <message>
        <source>a newer program wrote this file</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein neueres Programm hat diese Datei geschrieben</translation>
    </message>
    <message>
        <source>a number in it is far too long</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Zahl darin ist viel zu lang</translation>
    </message>
    <message>
        <source>a number in quotation marks and plain notation, such as "{example}"</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Zahl in Anführungszeichen und einfacher Schreibweise, wie "{example}"</translation>
    </message>
    <message>
        <source>a number of seconds, such as {example}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Anzahl Sekunden, wie {example}</translation>
    </message>
    <message>
        <source>a number with a fraction</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Zahl mit Nachkommastellen</translation>
    </message>
    <message>
        <source>a part of it is no base64</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Teil davon ist kein Base64</translation>
    </message>
    <message>
        <source>a price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Preis</translation>
    </message>
    <message>
        <source>a price of 0</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Preis von 0</translation>
    </message>
    <message>
        <source>a rate of more than 1,000,000 % a year says nothing</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Satz über 1.000.000 % im Jahr sagt nichts</translation>
    </message>
    <message>
        <source>a reading is of a day that has not come yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Lesung ist von einem Tag, der noch nicht da war</translation>
    </message>
    <message>
        <source>a row cannot be understood: {name} {error}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Zeile ist nicht zu verstehen: {name} {error}</translation>
    </message>
    <message>
        <source>a row of the account {account} was sent to the store of {account2}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Zeile des Kontos {account} wurde an den Speicher von {account2} gegeben</translation>
    </message>
    <message>
        <source>a stable coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Stablecoin</translation>
    </message>
    <message>
        <source>a strategy that is</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Strategie, die</translation>
    </message>
    <message>
        <source>a symbol such as "BTC/USDT"</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Symbol wie "BTC/USDT"</translation>
    </message>
    <message>
        <source>a text</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Text</translation>
    </message>
    <message>
        <source>a text is not UTF-8: {reason}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Text ist kein UTF-8: {reason}</translation>
    </message>
    <message>
        <source>a threshold of {threshold} %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>einem Schwellenwert von {threshold} %</translation>
    </message>
    <message>
        <source>a time</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Zeit</translation>
    </message>
    <message>
        <source>a time cannot be read</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Zeit ist nicht zu lesen</translation>
    </message>
    <message>
        <source>a time has no zone</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Zeit hat keine Zone</translation>
    </message>
    <message>
        <source>a time is out of range</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Zeit liegt außerhalb des Bereichs</translation>
    </message>
    <message>
        <source>a transaction was begun inside another one</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Transaktion wurde in einer anderen begonnen</translation>
    </message>
    <message>
        <source>a version</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Version</translation>
    </message>
    <message>
        <source>a very large number</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine sehr große Zahl</translation>
    </message>
    <message>
        <source>a whole number from {low} to {high} ({unit})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine ganze Zahl von {low} bis {high} ({unit})</translation>
    </message>
    <message>
        <source>a wrapped coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein eingepackter Coin</translation>
    </message>
    <message>
        <source>a write was tried outside a transaction</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>außerhalb einer Transaktion sollte geschrieben werden</translation>
    </message>
    <message>
        <source>absent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nicht vorhanden</translation>
    </message>
    <message>
        <source>account {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Konto {name}</translation>
    </message>
    <message>
        <source>acked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>bestätigt</translation>
    </message>
    <message>
        <source>added</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>hinzugefügt</translation>
    </message>
    <message>
        <source>added to</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>hinzugefügt zu</translation>
    </message>
    <message>
        <source>allocate</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zuteilen</translation>
    </message>
    <message>
        <source>an account at an exchange has a key, and no other has one</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Konto bei einer Börse hat einen Schlüssel, und kein anderes hat einen</translation>
    </message>
    <message>
        <source>an amount from {low} to {high} {unit} (in the file a text such as "0.05")</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Betrag von {low} bis {high} {unit} (in der Datei ein Text wie "0.05")</translation>
    </message>
    <message>
        <source>an array</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Liste</translation>
    </message>
    <message>
        <source>an array of {min_coins} to {max_coins} coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Liste von {min_coins} bis {max_coins} Coins</translation>
    </message>
    <message>
        <source>an empty chain</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine leere Kette</translation>
    </message>
    <message>
        <source>an id</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Kennung</translation>
    </message>
    <message>
        <source>an object</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Objekt</translation>
    </message>
    <message>
        <source>an object of keys and values</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Objekt aus Schlüsselnamen und Werten</translation>
    </message>
    <message>
        <source>an object such as {"asset": "BTC", "weight": "40"}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Objekt wie {"asset": "BTC", "weight": "40"}</translation>
    </message>
    <message>
        <source>an object such as {"kind": "ratio", "threshold": "5"}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Objekt wie {"kind": "ratio", "threshold": "5"}</translation>
    </message>
    <message>
        <source>an object such as {"rate": "0.1", "taken_in": "received"}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Objekt wie {"rate": "0.1", "taken_in": "received"}</translation>
    </message>
    <message>
        <source>an object with a quantity for each coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Objekt mit einer Menge für jeden Coin</translation>
    </message>
    <message>
        <source>an object with {symbol_legal} for each key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Objekt mit {symbol_legal} je Schlüssel</translation>
    </message>
    <message>
        <source>an order of {name} needs your decision</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Order von {name} braucht Ihre Entscheidung</translation>
    </message>
    <message>
        <source>an order of {name} was rejected</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Order von {name} wurde abgelehnt</translation>
    </message>
    <message>
        <source>an order of {value} is over the largest order allowed ({cap})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Order von {value} liegt über der größten erlaubten Order ({cap})</translation>
    </message>
    <message>
        <source>an order of {value} is over {of_volume} % of the market's 24 h volume ({most})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Order von {value} liegt über {of_volume} % des 24-h-Volumens des Marktes ({most})</translation>
    </message>
    <message>
        <source>an order of {value} is over {share} % of the strategy's value ({most})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Order von {value} liegt über {share} % des Werts der Strategie ({most})</translation>
    </message>
    <message>
        <source>an order of {whose} is being looked up</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Order von {whose} wird nachgeschlagen</translation>
    </message>
    <message>
        <source>an order that traded names no trades</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine gehandelte Order nennt keine Ausführungen</translation>
    </message>
    <message>
        <source>an order without our id that could be it: {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Order ohne unsere ID, die es sein könnte: {names}</translation>
    </message>
    <message>
        <source>another client order id</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine andere eigene Ordernummer</translation>
    </message>
    <message>
        <source>another market or side</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein anderer Markt oder eine andere Seite</translation>
    </message>
    <message>
        <source>another quantity</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine andere Menge</translation>
    </message>
    <message>
        <source>appearance theme light dark mode</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aussehen Farben Thema hell dunkel Modus</translation>
    </message>
    <message>
        <source>approve</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>genehmigen</translation>
    </message>
    <message>
        <source>as large as one order may be; the rest waits for the next check</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>so groß, wie eine Order sein darf; der Rest wartet auf die nächste Prüfung</translation>
    </message>
    <message>
        <source>asked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>gefragt</translation>
    </message>
    <message>
        <source>at most {most} can be</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>höchstens {most} können</translation>
    </message>
    <message>
        <source>at most {most} {money} can be removed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>höchstens {most} {money} können entnommen werden</translation>
    </message>
    <message>
        <source>auto</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>auto</translation>
    </message>
    <message>
        <source>average</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Durchschnitt</translation>
    </message>
    <message>
        <source>backup</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sicherung</translation>
    </message>
    <message>
        <source>below minimum</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>unter dem Minimum</translation>
    </message>
    <message>
        <source>bids and asks</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld- und Briefkurse</translation>
    </message>
    <message>
        <source>block</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sperre</translation>
    </message>
    <message>
        <source>bought for {money}, sold for {money2}: not converted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>für {money} gekauft, für {money2} verkauft: nicht umgerechnet</translation>
    </message>
    <message>
        <source>bundled daily prices, data provided by CoinGecko</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mitgelieferte Tagespreise, Daten von CoinGecko</translation>
    </message>
    <message>
        <source>buy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kauf</translation>
    </message>
    <message>
        <source>buy {quantity} {symbol}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kauf von {quantity} {symbol}</translation>
    </message>
    <message>
        <source>by auto band</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Auto-Band</translation>
    </message>
    <message>
        <source>by auto band, every {total_seconds} s</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Auto-Band, alle {total_seconds} s</translation>
    </message>
    <message>
        <source>by coin ratio</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Anteil</translation>
    </message>
    <message>
        <source>by coin ratio {threshold} %, every {total_seconds} s</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Anteil {threshold} %, alle {total_seconds} s</translation>
    </message>
    <message>
        <source>by target weights</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Zielgewichten</translation>
    </message>
    <message>
        <source>by time</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Zeit</translation>
    </message>
    <message>
        <source>by time every {total_seconds} s over {gate} %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Zeit alle {total_seconds} s über {gate} %</translation>
    </message>
    <message>
        <source>by time, late</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Zeit, verspätet</translation>
    </message>
    <message>
        <source>canceled</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>storniert</translation>
    </message>
    <message>
        <source>candle closes</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerze schließt</translation>
    </message>
    <message>
        <source>candle stood</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerze stand</translation>
    </message>
    <message>
        <source>candles stood</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen standen</translation>
    </message>
    <message>
        <source>candles without a header</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen ohne Kopfzeile</translation>
    </message>
    <message>
        <source>candles without a header and without volume</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen ohne Kopfzeile und ohne Volumen</translation>
    </message>
    <message>
        <source>cap</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Marktkapitalisierung</translation>
    </message>
    <message>
        <source>checking an order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>prüft eine Order</translation>
    </message>
    <message>
        <source>checks</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Prüfungen</translation>
    </message>
    <message>
        <source>close quit exit background hide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>schließen beenden Hintergrund ausblenden</translation>
    </message>
    <message>
        <source>coingecko coinpaprika network offline privacy market cap</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>CoinGecko CoinPaprika Netz offline Datenschutz Marktkapitalisierung</translation>
    </message>
    <message>
        <source>coins or weights changed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins oder Gewichte geändert</translation>
    </message>
    <message>
        <source>column {value}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spalte {value}</translation>
    </message>
    <message>
        <source>confirmed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>bestätigt</translation>
    </message>
    <message>
        <source>confirming</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wird bestätigt</translation>
    </message>
    <message>
        <source>daily closes</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Tagesschlüsse</translation>
    </message>
    <message>
        <source>days (YYYYMMDD) in UTC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Tage (JJJJMMTT) in UTC</translation>
    </message>
    <message>
        <source>delist</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Abkündigung</translation>
    </message>
    <message>
        <source>delisted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>vom Handel genommen</translation>
    </message>
    <message>
        <source>depeg</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kursbindung verloren</translation>
    </message>
    <message>
        <source>deposit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einzahlung</translation>
    </message>
    <message>
        <source>desktop notification</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Desktop-Benachrichtigung</translation>
    </message>
    <message>
        <source>done</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>fertig</translation>
    </message>
    <message>
        <source>empty</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>leer</translation>
    </message>
    <message>
        <source>english german deutsch sprache translation</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>englisch deutsch Sprache Übersetzung</translation>
    </message>
    <message>
        <source>epoch seconds</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Epochensekunden</translation>
    </message>
    <message>
        <source>epoch {unit}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Epoche in {unit}</translation>
    </message>
    <message>
        <source>equal</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>gleich</translation>
    </message>
    <message>
        <source>exit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausstieg</translation>
    </message>
    <message>
        <source>expired</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>abgelaufen</translation>
    </message>
    <message>
        <source>fee and spread</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühr und Spread</translation>
    </message>
    <message>
        <source>fee returned</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühr zurückgegeben</translation>
    </message>
    <message>
        <source>fee trued up</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühr berichtigt</translation>
    </message>
    <message>
        <source>fee {amount} {asset} inside;</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühr {amount} {asset} enthalten;</translation>
    </message>
    <message>
        <source>fees</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren</translation>
    </message>
    <message>
        <source>fewer than {min_coins} of its coins trade in {quote}{cap}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>weniger als {min_coins} ihrer Coins sind in {quote} handelbar{cap}</translation>
    </message>
    <message>
        <source>fifo</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>FIFO</translation>
    </message>
    <message>
        <source>files of {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dateien von {name}</translation>
    </message>
    <message>
        <source>filled</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ausgeführt</translation>
    </message>
    <message>
        <source>fills</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausführungen</translation>
    </message>
    <message>
        <source>first build</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>erster Aufbau</translation>
    </message>
    <message>
        <source>first class</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>erstklassig</translation>
    </message>
    <message>
        <source>fixed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>fest</translation>
    </message>
    <message>
        <source>foreign order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>fremde Order</translation>
    </message>
    <message>
        <source>found</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>gefunden</translation>
    </message>
    <message>
        <source>frozen</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eingefroren</translation>
    </message>
    <message>
        <source>funds added</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld hinzugefügt</translation>
    </message>
    <message>
        <source>funds removed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld entnommen</translation>
    </message>
    <message>
        <source>gate</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mindestabweichung</translation>
    </message>
    <message>
        <source>gone outside</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>außerhalb verschwunden</translation>
    </message>
    <message>
        <source>halt</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>anhalten</translation>
    </message>
    <message>
        <source>halted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>hidden background autostart minimized</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>verborgen Hintergrund Autostart minimiert</translation>
    </message>
    <message>
        <source>hifo</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>HIFO</translation>
    </message>
    <message>
        <source>hold</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zurückhalten</translation>
    </message>
    <message>
        <source>impact</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preiswirkung</translation>
    </message>
    <message>
        <source>in a folder that a cloud service copies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>in einem Ordner, den ein Cloud-Dienst kopiert</translation>
    </message>
    <message>
        <source>in a folder that {service} copies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>in einem Ordner, den {service} kopiert</translation>
    </message>
    <message>
        <source>in a row</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>in Folge</translation>
    </message>
    <message>
        <source>in steps of {grid}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>in Schritten von {grid}</translation>
    </message>
    <message>
        <source>internal transfers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>interne Überträge</translation>
    </message>
    <message>
        <source>interval</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeitabstand</translation>
    </message>
    <message>
        <source>invested</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>investiert</translation>
    </message>
    <message>
        <source>is missing</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>fehlt</translation>
    </message>
    <message>
        <source>is not a known key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ist kein bekannter Schlüsselname</translation>
    </message>
    <message>
        <source>is stored</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ist gespeichert</translation>
    </message>
    <message>
        <source>is there</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ist da</translation>
    </message>
    <message>
        <source>it alone is more than that: raise the limit in Settings, or change the weights by hand</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das allein ist mehr: Heben Sie die Grenze in den Einstellungen an, oder ändern Sie die Gewichte von Hand</translation>
    </message>
    <message>
        <source>it answered with HTTP {status}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete mit HTTP {status}</translation>
    </message>
    <message>
        <source>it answered with HTTP {status}: {told}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete mit HTTP {status}: {told}</translation>
    </message>
    <message>
        <source>it answered with a trade of an unknown market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete mit einer Ausführung eines unbekannten Marktes</translation>
    </message>
    <message>
        <source>it answered with a trade of another market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete mit einer Ausführung eines anderen Marktes</translation>
    </message>
    <message>
        <source>it answered with an order of an unknown market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete mit einer Order eines unbekannten Marktes</translation>
    </message>
    <message>
        <source>it answered with an order of another market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete mit einer Order eines anderen Marktes</translation>
    </message>
    <message>
        <source>it answered with another order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete mit einer anderen Order</translation>
    </message>
    <message>
        <source>it answered with more than was asked for</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete mit mehr, als gefragt war</translation>
    </message>
    <message>
        <source>it answered with nothing</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete mit nichts</translation>
    </message>
    <message>
        <source>it answered with something else: {fault}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete mit etwas anderem: {fault}</translation>
    </message>
    <message>
        <source>it answered with the book of another market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete mit dem Orderbuch eines anderen Marktes</translation>
    </message>
    <message>
        <source>it asked for a pause of {ceil} s more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie bat um eine Pause von noch {ceil} s</translation>
    </message>
    <message>
        <source>it cannot be reached</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie ist nicht erreichbar</translation>
    </message>
    <message>
        <source>it cost {amount} {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>er kostete {amount} {quote}</translation>
    </message>
    <message>
        <source>it describes another order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie beschreibt eine andere Order</translation>
    </message>
    <message>
        <source>it did not answer in time</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete nicht rechtzeitig</translation>
    </message>
    <message>
        <source>it did not answer within {longest_send} seconds.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete nicht binnen {longest_send} Sekunden.</translation>
    </message>
    <message>
        <source>it did not answer within {seconds} seconds.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie antwortete nicht binnen {seconds} Sekunden.</translation>
    </message>
    <message>
        <source>it does not find an order that exists</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie findet eine vorhandene Order nicht</translation>
    </message>
    <message>
        <source>it does not know the order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie kennt die Order nicht</translation>
    </message>
    <message>
        <source>it does not offer that</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das bietet sie nicht</translation>
    </message>
    <message>
        <source>it does not say that the order was taken</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie sagt nicht, dass die Order angenommen wurde</translation>
    </message>
    <message>
        <source>it failed in a way that is not known.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es schlug auf unbekannte Weise fehl.</translation>
    </message>
    <message>
        <source>it gave no reason</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie nannte keinen Grund</translation>
    </message>
    <message>
        <source>it goes on in {duration}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es geht in {duration} weiter</translation>
    </message>
    <message>
        <source>it has no order id</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie hat keine Ordernummer</translation>
    </message>
    <message>
        <source>it has no such market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie hat keinen solchen Markt</translation>
    </message>
    <message>
        <source>it has no “{args}”</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>„{args}“ fehlt darin</translation>
    </message>
    <message>
        <source>it holds something that cannot be: {error}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie enthält etwas, das nicht sein kann: {error}</translation>
    </message>
    <message>
        <source>it is being built</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie wird aufgebaut</translation>
    </message>
    <message>
        <source>it is empty</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es ist leer</translation>
    </message>
    <message>
        <source>it is far too large</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie ist viel zu groß</translation>
    </message>
    <message>
        <source>it is larger than 1 MB</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie ist größer als 1 MB</translation>
    </message>
    <message>
        <source>it is locked in a way that this program does not know</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das ist auf eine Art verschlossen, die dieses Programm nicht kennt</translation>
    </message>
    <message>
        <source>it is nested too deeply</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie ist zu tief verschachtelt</translation>
    </message>
    <message>
        <source>it is no account of this program</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie ist kein Konto dieses Programms</translation>
    </message>
    <message>
        <source>it is no vault of this program</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das ist kein Tresor dieses Programms</translation>
    </message>
    <message>
        <source>it is not JSON: line {lineno}, column {colno}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie ist kein JSON: Zeile {lineno}, Spalte {colno}</translation>
    </message>
    <message>
        <source>it is not UTF-8</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie ist kein UTF-8</translation>
    </message>
    <message>
        <source>it is not a JSON object</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie ist kein JSON-Objekt</translation>
    </message>
    <message>
        <source>it is not among the account's orders</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie ist nicht unter den Orders des Kontos</translation>
    </message>
    <message>
        <source>it is not an install file of version 1</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie ist keine Installationsdatei der Version 1</translation>
    </message>
    <message>
        <source>it is not of this program</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie ist nicht von diesem Programm</translation>
    </message>
    <message>
        <source>it is not the answer to one order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das ist nicht die Antwort auf eine Order</translation>
    </message>
    <message>
        <source>it is not {format} of version {version}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es ist nicht {format} von Version {version}</translation>
    </message>
    <message>
        <source>it is of version {get}; this program knows version {version}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das hat die Version {get}; dieses Programm kennt die Version {version}</translation>
    </message>
    <message>
        <source>it is silent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie schweigt</translation>
    </message>
    <message>
        <source>it is the order {venue_order_id}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es ist die Order {venue_order_id}</translation>
    </message>
    <message>
        <source>it is there</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es ist da</translation>
    </message>
    <message>
        <source>it must be {side} the present return of {plain} %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss {side} der jetzigen Rendite von {plain} % liegen</translation>
    </message>
    <message>
        <source>it names what it may not name</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie nennt, was sie nicht nennen darf</translation>
    </message>
    <message>
        <source>it never was</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es gab sie nie</translation>
    </message>
    <message>
        <source>it sends us elsewhere (HTTP {status})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie verweist uns anderswohin (HTTP {status})</translation>
    </message>
    <message>
        <source>it tells no fee rate</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie nennt keinen Gebührensatz</translation>
    </message>
    <message>
        <source>it turned up after all</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie tauchte doch noch auf</translation>
    </message>
    <message>
        <source>it waited too long for its turn and was not sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie wartete zu lange, bis sie an der Reihe war, und wurde nicht gesendet</translation>
    </message>
    <message>
        <source>it waits for its trigger</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie wartet auf ihren Auslöser</translation>
    </message>
    <message>
        <source>it was not checked throughout</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es wurde nicht durchgehend geprüft</translation>
    </message>
    <message>
        <source>it was not sent: the order book is empty</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie wurde nicht gesendet: Das Orderbuch ist leer</translation>
    </message>
    <message>
        <source>it was not sent: {message}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie wurde nicht gesendet: {message}</translation>
    </message>
    <message>
        <source>it was not sent: {value}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie wurde nicht gesendet: {value}</translation>
    </message>
    <message>
        <source>it was not sent: {words}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie wurde nicht gesendet: {words}</translation>
    </message>
    <message>
        <source>it was not worked out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es wurde nicht berechnet</translation>
    </message>
    <message>
        <source>it was written{newer} in version {version}; this program knows version {version2}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie wurde{newer} in Version {version} geschrieben; dieses Programm kennt die Version {version2}</translation>
    </message>
    <message>
        <source>it works</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es funktioniert</translation>
    </message>
    <message>
        <source>its address is not in the vault: remove the channel and add it again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>seine Adresse ist nicht im Tresor: Entfernen Sie den Kanal und fügen Sie ihn neu hinzu.</translation>
    </message>
    <message>
        <source>its answer could not be read</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Antwort war nicht zu lesen</translation>
    </message>
    <message>
        <source>its answer could not be understood</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Antwort war nicht zu verstehen</translation>
    </message>
    <message>
        <source>its answer has another shape than it should</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Antwort hat eine andere Form als vorgesehen</translation>
    </message>
    <message>
        <source>its answer is empty</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Antwort ist leer</translation>
    </message>
    <message>
        <source>its bands</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Bänder</translation>
    </message>
    <message>
        <source>its coins are being sold</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Coins werden verkauft</translation>
    </message>
    <message>
        <source>its coins are sold</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Coins werden verkauft</translation>
    </message>
    <message>
        <source>its coins go back to the free pool</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Coins gehen in den freien Bestand zurück</translation>
    </message>
    <message>
        <source>its coins go to the free pool</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Coins gehen in den freien Bestand</translation>
    </message>
    <message>
        <source>its copy is not good: {verdict}, version {copied}, journal mode {mode}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Kopie ist nicht gut: {verdict}, Version {copied}, Journalmodus {mode}</translation>
    </message>
    <message>
        <source>its fee of {third_units} {third} is not in it: what that was worth is not known</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Gebühr von {third_units} {third} ist nicht darin: Was das wert war, ist nicht bekannt</translation>
    </message>
    <message>
        <source>its last test is not as it should be</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der letzte Test darin ist nicht, wie er sein sollte</translation>
    </message>
    <message>
        <source>its list never ends</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Liste nimmt kein Ende</translation>
    </message>
    <message>
        <source>its lock asks for something senseless</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Schloss daran verlangt etwas Unsinniges</translation>
    </message>
    <message>
        <source>its money goes back to the free pool</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihr Geld geht in den freien Bestand zurück</translation>
    </message>
    <message>
        <source>its order was not sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Order wurde nicht gesendet</translation>
    </message>
    <message>
        <source>its owner decided that it never was</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihr Besitzer hat entschieden, dass es sie nie gab</translation>
    </message>
    <message>
        <source>its owner ended the strategy; it is not ours</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihr Besitzer hat die Strategie beendet; sie ist nicht unsere</translation>
    </message>
    <message>
        <source>its price jumped and is being confirmed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sein Preis sprang und wird bestätigt</translation>
    </message>
    <message>
        <source>its tables are not as they should be: {min}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Tabellen sind nicht, wie sie sein sollen: {min}</translation>
    </message>
    <message>
        <source>its value fell far within a minute and is being confirmed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihr Wert fiel binnen einer Minute stark und wird bestätigt</translation>
    </message>
    <message>
        <source>its value is not known now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihr Wert ist jetzt nicht bekannt</translation>
    </message>
    <message>
        <source>its version is {version}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Version ist {version}</translation>
    </message>
    <message>
        <source>journal</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Journal</translation>
    </message>
    <message>
        <source>jump</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sprung</translation>
    </message>
    <message>
        <source>key locked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schlüssel verschlossen</translation>
    </message>
    <message>
        <source>keyring</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schlüsselbund</translation>
    </message>
    <message>
        <source>late order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>verspätete Order</translation>
    </message>
    <message>
        <source>left out, as a gap</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>als Lücke weggelassen</translation>
    </message>
    <message>
        <source>left the account outside the program</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>verließ das Konto außerhalb des Programms</translation>
    </message>
    <message>
        <source>less than a day has passed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>weniger als ein Tag ist vergangen</translation>
    </message>
    <message>
        <source>less than a minute</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>weniger als eine Minute</translation>
    </message>
    <message>
        <source>lifo</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>LIFO</translation>
    </message>
    <message>
        <source>line {lineno}, column {colno}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeile {lineno}, Spalte {colno}</translation>
    </message>
    <message>
        <source>line {row}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeile {row}</translation>
    </message>
    <message>
        <source>line {row} of {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeile {row} von {name}</translation>
    </message>
    <message>
        <source>list of orders</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Liste der Orders</translation>
    </message>
    <message>
        <source>list of trades</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Liste der Ausführungen</translation>
    </message>
    <message>
        <source>live account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>echtes Konto</translation>
    </message>
    <message>
        <source>look-up by our id</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nachschlagen mit unserer ID</translation>
    </message>
    <message>
        <source>look-up of a known order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nachschlagen einer bekannten Order</translation>
    </message>
    <message>
        <source>lots</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anschaffungen</translation>
    </message>
    <message>
        <source>market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Market</translation>
    </message>
    <message>
        <source>market closed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Markt geschlossen</translation>
    </message>
    <message>
        <source>market data</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Marktdaten</translation>
    </message>
    <message>
        <source>memory</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Arbeitsspeicher</translation>
    </message>
    <message>
        <source>money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld</translation>
    </message>
    <message>
        <source>more is not in the free pool</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mehr ist nicht im freien Bestand</translation>
    </message>
    <message>
        <source>more than one rate fits these flows</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mehr als ein Satz passt zu diesen Zahlungen</translation>
    </message>
    <message>
        <source>more than {beyond} %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mehr als {beyond} %</translation>
    </message>
    <message>
        <source>most overweight first</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das am stärksten Übergewichtete zuerst</translation>
    </message>
    <message>
        <source>moved out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>hinausgebracht</translation>
    </message>
    <message>
        <source>must be "ratio", "time" or "band"</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss "ratio", "time" oder "band" sein</translation>
    </message>
    <message>
        <source>must be a date such as 2024-03-30, without quotation marks</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss ein Datum wie 2024-03-30 sein, ohne Anführungszeichen</translation>
    </message>
    <message>
        <source>must be a list of tables</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss eine Liste von Tabellen sein</translation>
    </message>
    <message>
        <source>must be a list of texts</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss eine Liste von Texten sein</translation>
    </message>
    <message>
        <source>must be a multiple of the step</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss ein Vielfaches der Schrittweite sein</translation>
    </message>
    <message>
        <source>must be a percentage from 0 to 100</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss ein Prozentsatz von 0 bis 100 sein</translation>
    </message>
    <message>
        <source>must be a percentage from 0 to {max_yearly_volatility}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss ein Prozentsatz von 0 bis {max_yearly_volatility} sein</translation>
    </message>
    <message>
        <source>must be a table</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss eine Tabelle sein</translation>
    </message>
    <message>
        <source>must be a text that is not empty and neither starts nor ends with a blank</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss ein Text sein, der nicht leer ist und weder mit einem Leerzeichen beginnt noch endet</translation>
    </message>
    <message>
        <source>must be a whole number from {low} to {high}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss eine ganze Zahl von {low} bis {high} sein</translation>
    </message>
    <message>
        <source>must be above 0</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss über 0 liegen</translation>
    </message>
    <message>
        <source>must be one of {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss eines von {names} sein</translation>
    </message>
    <message>
        <source>must be the file's name without .toml, in small letters, digits and hyphens</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss der Dateiname ohne .toml sein, in kleinen Buchstaben, Ziffern und Bindestrichen</translation>
    </message>
    <message>
        <source>must be true or false</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss true oder false sein</translation>
    </message>
    <message>
        <source>must lie between 0 and 1</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss zwischen 0 und 1 liegen</translation>
    </message>
    <message>
        <source>must name at least {min_coins} coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss mindestens {min_coins} Coins nennen</translation>
    </message>
    <message>
        <source>must not be under the smallest quantity</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>darf nicht unter der kleinsten Menge liegen</translation>
    </message>
    <message>
        <source>name {name} -&gt; {name2}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Name {name} -&gt; {name2}</translation>
    </message>
    <message>
        <source>negative</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>negativ</translation>
    </message>
    <message>
        <source>never triggers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>löst nie aus</translation>
    </message>
    <message>
        <source>new ledger</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>neues Kontobuch</translation>
    </message>
    <message>
        <source>new units</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>neue Einheiten</translation>
    </message>
    <message>
        <source>no answer: {message}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Antwort: {message}</translation>
    </message>
    <message>
        <source>no bar</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Kerze</translation>
    </message>
    <message>
        <source>no earlier candles</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine früheren Kerzen</translation>
    </message>
    <message>
        <source>no fee to return</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Gebühr zurückzugeben</translation>
    </message>
    <message>
        <source>no market to sell in</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Markt zum Verkaufen</translation>
    </message>
    <message>
        <source>no money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Geld</translation>
    </message>
    <message>
        <source>no money was put in yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>noch wurde kein Geld eingebracht</translation>
    </message>
    <message>
        <source>no order could be sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Order konnte gesendet werden.</translation>
    </message>
    <message>
        <source>no price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Preis</translation>
    </message>
    <message>
        <source>no price for the rest</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Preis für den Rest</translation>
    </message>
    <message>
        <source>no price of the exchange has changed for a while: the prices stand still</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>seit einer Weile hat sich kein Preis der Börse geändert: Die Preise stehen still</translation>
    </message>
    <message>
        <source>no price yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>noch kein Preis</translation>
    </message>
    <message>
        <source>no rate fits these flows</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Satz passt zu diesen Zahlungen</translation>
    </message>
    <message>
        <source>no reason was given</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es wurde kein Grund genannt</translation>
    </message>
    <message>
        <source>no refund: BNB has no good price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Rückgabe: BNB hat keinen guten Preis</translation>
    </message>
    <message>
        <source>no refund: money that went or came outside is just being booked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Rückgabe: Geld, das außerhalb ging oder kam, wird gerade gebucht</translation>
    </message>
    <message>
        <source>no refund: not enough BNB in the free pool</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zu wenig BNB im freien Bestand</translation>
    </message>
    <message>
        <source>no refund: the account's file could not yet take an earlier one</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Rückgabe: Die Datei des Kontos konnte eine frühere noch nicht aufnehmen</translation>
    </message>
    <message>
        <source>no right</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Recht</translation>
    </message>
    <message>
        <source>no sale: it left the account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Verkauf: Es verließ das Konto</translation>
    </message>
    <message>
        <source>no sale: it left the account outside the program</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Verkauf: Es verließ das Konto außerhalb des Programms</translation>
    </message>
    <message>
        <source>no trade that could be its</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Ausführung, die zu ihr gehören könnte</translation>
    </message>
    <message>
        <source>no volume</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Volumen</translation>
    </message>
    <message>
        <source>nobody here can keep the computer awake ({names}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>niemand kann hier den Computer wach halten ({names}).</translation>
    </message>
    <message>
        <source>none of its markets is open</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keiner seiner Märkte ist offen</translation>
    </message>
    <message>
        <source>not a number</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Zahl</translation>
    </message>
    <message>
        <source>not due</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nicht fällig</translation>
    </message>
    <message>
        <source>not enough balance at the trigger</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>beim Auslösen nicht genug Guthaben</translation>
    </message>
    <message>
        <source>not found</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nicht gefunden</translation>
    </message>
    <message>
        <source>not packaged: a checkout</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nicht paketiert: ein Checkout</translation>
    </message>
    <message>
        <source>not sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nicht gesendet</translation>
    </message>
    <message>
        <source>nothing can be</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nichts kann</translation>
    </message>
    <message>
        <source>nothing can be removed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nichts kann entnommen werden</translation>
    </message>
    <message>
        <source>nothing could be traded</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nichts konnte gehandelt werden</translation>
    </message>
    <message>
        <source>nothing of it came back, so there is no rate at which it would be even</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nichts kam zurück, darum gibt es keinen Satz, zu dem es aufginge</translation>
    </message>
    <message>
        <source>notifications</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>null or an object such as {"symbol": "BTC/USDT", "price": "50000"}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>null oder ein Objekt wie {"symbol": "BTC/USDT", "price": "50000"}</translation>
    </message>
    <message>
        <source>null or an object such as {example}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>null oder ein Objekt wie {example}</translation>
    </message>
    <message>
        <source>on a network drive</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>auf einem Netzlaufwerk</translation>
    </message>
    <message>
        <source>on a network drive ({removeprefix})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>auf einem Netzlaufwerk ({removeprefix})</translation>
    </message>
    <message>
        <source>on or off</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>an oder aus</translation>
    </message>
    <message>
        <source>on or off (in the file true or false)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>an oder aus (in der Datei true oder false)</translation>
    </message>
    <message>
        <source>one of </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eines von </translation>
    </message>
    <message>
        <source>one of {legal}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eines von {legal}</translation>
    </message>
    <message>
        <source>one of {sides}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eines von {sides}</translation>
    </message>
    <message>
        <source>only 1 bar ({moment_text})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nur 1 Kerze ({moment_text})</translation>
    </message>
    <message>
        <source>only its newest {most} candles</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nur seine neuesten {most} Kerzen</translation>
    </message>
    <message>
        <source>open</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>offen</translation>
    </message>
    <message>
        <source>orders</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders</translation>
    </message>
    <message>
        <source>orders a second</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders je Sekunde</translation>
    </message>
    <message>
        <source>orders an hour</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders je Stunde</translation>
    </message>
    <message>
        <source>orders are not listed where nothing is sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders werden nicht aufgelistet, wo nichts gesendet wird</translation>
    </message>
    <message>
        <source>orders cannot be looked up where nothing is sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders können nicht nachgeschlagen werden, wo nichts gesendet wird</translation>
    </message>
    <message>
        <source>pace</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>packaged: a Debian package</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>paketiert: ein Debian-Paket</translation>
    </message>
    <message>
        <source>packaged: a folder with its own Python</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>paketiert: ein Ordner mit eigenem Python</translation>
    </message>
    <message>
        <source>packaged: a wheel in a Python environment</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>paketiert: ein Wheel in einer Python-Umgebung</translation>
    </message>
    <message>
        <source>paid in {fee_asset}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>in {fee_asset} bezahlt</translation>
    </message>
    <message>
        <source>paid in {fee_asset}; it has no good price, so its worth is not known</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>in {fee_asset} bezahlt; es hat keinen guten Preis, darum ist der Wert nicht bekannt</translation>
    </message>
    <message>
        <source>paper account on live prices</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übungskonto auf echten Preisen</translation>
    </message>
    <message>
        <source>paper account on the demo market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übungskonto auf dem Demomarkt</translation>
    </message>
    <message>
        <source>partly</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>teilweise</translation>
    </message>
    <message>
        <source>partly filled</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>teilweise ausgeführt</translation>
    </message>
    <message>
        <source>passphrase</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Passphrase</translation>
    </message>
    <message>
        <source>pending</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ausstehend</translation>
    </message>
    <message>
        <source>permissions</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rechte</translation>
    </message>
    <message>
        <source>plain</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>einfach</translation>
    </message>
    <message>
        <source>portfolio</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Portfolio</translation>
    </message>
    <message>
        <source>price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preis</translation>
    </message>
    <message>
        <source>price moved</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preis bewegt</translation>
    </message>
    <message>
        <source>prices are paused</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Preise sind angehalten</translation>
    </message>
    <message>
        <source>prices that contradict each other</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise, die einander widersprechen</translation>
    </message>
    <message>
        <source>program</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Programm</translation>
    </message>
    <message>
        <source>quarantined</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ungeklärt</translation>
    </message>
    <message>
        <source>quote</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Quote-Währung</translation>
    </message>
    <message>
        <source>rate</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Satz</translation>
    </message>
    <message>
        <source>reading balances and orders</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Guthaben und Orders lesen</translation>
    </message>
    <message>
        <source>real money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>echtem Geld</translation>
    </message>
    <message>
        <source>rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancing</translation>
    </message>
    <message>
        <source>rebalances</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancings</translation>
    </message>
    <message>
        <source>received</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>erhalten</translation>
    </message>
    <message>
        <source>redenomination</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>neue Stückelung</translation>
    </message>
    <message>
        <source>refused</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>abgelehnt</translation>
    </message>
    <message>
        <source>rejected</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>abgelehnt</translation>
    </message>
    <message>
        <source>release to free pool</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Freigabe in den freien Bestand</translation>
    </message>
    <message>
        <source>released</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>freigegeben</translation>
    </message>
    <message>
        <source>removed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>entfernt</translation>
    </message>
    <message>
        <source>rename</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Umbenennung</translation>
    </message>
    <message>
        <source>renamed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>umbenannt</translation>
    </message>
    <message>
        <source>reopen</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wiederöffnung</translation>
    </message>
    <message>
        <source>reopened</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wieder geöffnet</translation>
    </message>
    <message>
        <source>reserve</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Reservierung</translation>
    </message>
    <message>
        <source>return</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rendite</translation>
    </message>
    <message>
        <source>row has</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeile hat</translation>
    </message>
    <message>
        <source>rows have</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeilen haben</translation>
    </message>
    <message>
        <source>rule</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Regel</translation>
    </message>
    <message>
        <source>rule {rule} -&gt; {rule2}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Regel {rule} -&gt; {rule2}</translation>
    </message>
    <message>
        <source>running</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>läuft</translation>
    </message>
    <message>
        <source>safety rail</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sicherheitsgrenze</translation>
    </message>
    <message>
        <source>sale fee taken off the proceeds; purchase fees are in the cost</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verkaufsgebühr vom Erlös abgezogen; Kaufgebühren sind in den Anschaffungskosten</translation>
    </message>
    <message>
        <source>sell</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verkauf</translation>
    </message>
    <message>
        <source>sell all coins on stop off</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>alle Coins beim Beenden verkaufen aus</translation>
    </message>
    <message>
        <source>sell all coins on stop on</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>alle Coins beim Beenden verkaufen an</translation>
    </message>
    <message>
        <source>sell all on stop</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>beim Beenden alles verkaufen</translation>
    </message>
    <message>
        <source>sell {quantity} {symbol}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verkauf von {quantity} {symbol}</translation>
    </message>
    <message>
        <source>sending</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wird gesendet</translation>
    </message>
    <message>
        <source>set aside</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zurückgelegt</translation>
    </message>
    <message>
        <source>settled</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>abgerechnet</translation>
    </message>
    <message>
        <source>short</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>fehlend</translation>
    </message>
    <message>
        <source>skip</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>auslassen</translation>
    </message>
    <message>
        <source>skipped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>sleep lock</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ruhesperre</translation>
    </message>
    <message>
        <source>sleep suspend power standby inhibit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>schlafen Ruhezustand Bereitschaft Energie verhindern wach</translation>
    </message>
    <message>
        <source>small legs will be skipped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kleine Orders werden ausgelassen</translation>
    </message>
    <message>
        <source>something in it is of another kind than it should be</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>etwas darin ist von anderer Art, als es sein sollte</translation>
    </message>
    <message>
        <source>something is missing in the request</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>in der Anfrage fehlt etwas</translation>
    </message>
    <message>
        <source>spent as the fee of a trade, at its worth; that worth is in the trade's cost or taken off its proceeds</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>als Gebühr einer Ausführung ausgegeben, zu ihrem Wert; dieser Wert ist in den Kosten der Ausführung oder vom Erlös abgezogen</translation>
    </message>
    <message>
        <source>spot trading</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spot-Handel</translation>
    </message>
    <message>
        <source>spread</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spread</translation>
    </message>
    <message>
        <source>step size</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schrittweite</translation>
    </message>
    <message>
        <source>stop all</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles stoppen</translation>
    </message>
    <message>
        <source>stop-loss</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Stop-Loss</translation>
    </message>
    <message>
        <source>stop-loss {said}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Stop-Loss {said}</translation>
    </message>
    <message>
        <source>stopped by the user</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>vom Nutzer beendet</translation>
    </message>
    <message>
        <source>symbol: {cell} is no market. Write it with a slash, like BTC/USDT.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>symbol: {cell} ist kein Markt. Schreiben Sie ihn mit Schrägstrich, wie BTC/USDT.</translation>
    </message>
    <message>
        <source>systemd (login1)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>systemd (login1)</translation>
    </message>
    <message>
        <source>take-profit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Take-Profit</translation>
    </message>
    <message>
        <source>take-profit {said}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Take-Profit {said}</translation>
    </message>
    <message>
        <source>taken by the exchange</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>von der Börse genommen</translation>
    </message>
    <message>
        <source>taken out of</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>entnommen aus</translation>
    </message>
    <message>
        <source>tell message</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sagen Nachricht melden</translation>
    </message>
    <message>
        <source>tell message play money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sagen Nachricht melden Spielgeld</translation>
    </message>
    <message>
        <source>tell message popup</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sagen Nachricht melden einblenden</translation>
    </message>
    <message>
        <source>the Secret Service keyring</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Schlüsselbund Secret Service</translation>
    </message>
    <message>
        <source>the Secret Service keyring (libsecret)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Schlüsselbund Secret Service (libsecret)</translation>
    </message>
    <message>
        <source>the Windows Credential Manager</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Windows-Anmeldeinformationsverwaltung</translation>
    </message>
    <message>
        <source>the account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Konto</translation>
    </message>
    <message>
        <source>the account is halted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Konto ist angehalten</translation>
    </message>
    <message>
        <source>the account or key may no longer trade</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Konto oder der Schlüssel darf nicht mehr handeln</translation>
    </message>
    <message>
        <source>the answer did not fit the order: {fault}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Antwort passte nicht zur Order: {fault}</translation>
    </message>
    <message>
        <source>the answer did not fit the order: {strange}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Antwort passte nicht zur Order: {strange}</translation>
    </message>
    <message>
        <source>the backup is not good: {verdict}, version {copied}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Sicherung ist nicht gut: {verdict}, Version {copied}</translation>
    </message>
    <message>
        <source>the balance of {account} is {balance} {asset}, but its bookings add up to {booked}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Guthaben von {account} ist {balance} {asset}, aber seine Buchungen ergeben {booked}</translation>
    </message>
    <message>
        <source>the balance of {names} is not the sum of its trades</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Bestand von {names} ist nicht die Summe der Ausführungen</translation>
    </message>
    <message>
        <source>the bid is above the ask</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Geldkurs liegt über dem Briefkurs</translation>
    </message>
    <message>
        <source>the book is no list</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Orderbuch ist keine Liste</translation>
    </message>
    <message>
        <source>the booking {kind} {reference} is out of balance by {amount} {asset}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Buchung {kind} {reference} geht um {amount} {asset} nicht auf</translation>
    </message>
    <message>
        <source>the bus cannot be reached ({name})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Bus ist nicht erreichbar ({name})</translation>
    </message>
    <message>
        <source>the client order id {client_order_id} is there already</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die eigene Ordernummer {client_order_id} gibt es schon</translation>
    </message>
    <message>
        <source>the clock of this computer is {ahead}: set it right (more than 5 s is too much to trade on)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Uhr dieses Computers geht {ahead}: Stellen Sie sie richtig (mehr als 5 s ist zu viel zum Handeln)</translation>
    </message>
    <message>
        <source>the connection broke</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Verbindung brach ab</translation>
    </message>
    <message>
        <source>the data folder is not open</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Datenordner ist nicht offen</translation>
    </message>
    <message>
        <source>the desktop's power management</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Energieverwaltung des Desktops</translation>
    </message>
    <message>
        <source>the engine has stopped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Handelsmaschine hat angehalten</translation>
    </message>
    <message>
        <source>the epoch cannot be written</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Epoche kann nicht geschrieben werden</translation>
    </message>
    <message>
        <source>the exchange asked for a pause of {ceil} s more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Börse bat um eine Pause von noch {ceil} s</translation>
    </message>
    <message>
        <source>the exchange's play money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>dem Spielgeld der Börse</translation>
    </message>
    <message>
        <source>the fee of the trade {trade_id} is not due</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Gebühr der Ausführung {trade_id} ist nicht fällig</translation>
    </message>
    <message>
        <source>the figures of a coin are not numbers above 0</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Zahlen eines Coins sind keine Zahlen über 0</translation>
    </message>
    <message>
        <source>the first line must be 'date' and one name per coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die erste Zeile muss 'date' und ein Name je Coin sein</translation>
    </message>
    <message>
        <source>the first line must be {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die erste Zeile muss {names} sein</translation>
    </message>
    <message>
        <source>the largest order is worth {max_notional} {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die größte Order ist {max_notional} {quote} wert</translation>
    </message>
    <message>
        <source>the largest quantity is {max_quantity} {base}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die größte Menge ist {max_quantity} {base}</translation>
    </message>
    <message>
        <source>the macOS Keychain</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der macOS-Schlüsselbund</translation>
    </message>
    <message>
        <source>the market is closed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Markt ist geschlossen</translation>
    </message>
    <message>
        <source>the market of {names} is closed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Markt von {names} ist geschlossen</translation>
    </message>
    <message>
        <source>the middle price of {base} is {away} away from its last trade, over {gap} %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Mittelkurs von {base} liegt {away} von seiner letzten Ausführung entfernt, über {gap} %</translation>
    </message>
    <message>
        <source>the migrations are not numbered 1, 2, 3 ...</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Umstellungen sind nicht 1, 2, 3 ... nummeriert</translation>
    </message>
    <message>
        <source>the name of a coin, {asset_legal}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Name eines Coins, {asset_legal}</translation>
    </message>
    <message>
        <source>the next rebalance is due in {left} at the earliest</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das nächste Rebalancing ist frühestens in {left} fällig</translation>
    </message>
    <message>
        <source>the number {value}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Zahl {value}</translation>
    </message>
    <message>
        <source>the order book cannot be read</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Orderbuch ist nicht lesbar</translation>
    </message>
    <message>
        <source>the order book is crossed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Orderbuch ist gekreuzt</translation>
    </message>
    <message>
        <source>the order book is empty</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Orderbuch ist leer</translation>
    </message>
    <message>
        <source>the order book is too thin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Orderbuch ist zu dünn</translation>
    </message>
    <message>
        <source>the order never arrived</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Order kam nie an</translation>
    </message>
    <message>
        <source>the order would move the price by {value} %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Order würde den Preis um {value} % bewegen</translation>
    </message>
    <message>
        <source>the order {client_order_id} was changed after it was stored</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Order {client_order_id} wurde nach dem Speichern verändert</translation>
    </message>
    <message>
        <source>the parameters of {id} changed without a new version</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Parameter von {id} wurden ohne neue Version geändert</translation>
    </message>
    <message>
        <source>the present {now} {money}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>dem jetzigen {now} {money}</translation>
    </message>
    <message>
        <source>the price is not a number</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Preis ist keine Zahl</translation>
    </message>
    <message>
        <source>the price is old</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Preis ist alt</translation>
    </message>
    <message>
        <source>the price is zero or negative</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Preis ist null oder negativ</translation>
    </message>
    <message>
        <source>the price must be a multiple of {tick_size} {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Preis muss ein Vielfaches von {tick_size} {quote} sein</translation>
    </message>
    <message>
        <source>the price rose meanwhile, so it brought {amount} {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Preis stieg inzwischen, darum brachte er {amount} {quote}</translation>
    </message>
    <message>
        <source>the program ended before its order was sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Programm endete, bevor seine Order gesendet war</translation>
    </message>
    <message>
        <source>the program was closed before an answer</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Programm wurde vor einer Antwort geschlossen</translation>
    </message>
    <message>
        <source>the quantity must be a multiple of {step_size} {base}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Menge muss ein Vielfaches von {step_size} {base} sein</translation>
    </message>
    <message>
        <source>the quantity must be a positive multiple of {step_size} {base}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Menge muss ein positives Vielfaches von {step_size} {base} sein</translation>
    </message>
    <message>
        <source>the rest is below the minimum and waits</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Rest liegt unter dem Minimum und wartet</translation>
    </message>
    <message>
        <source>the rest waits: price moved</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Rest wartet: Preis bewegt</translation>
    </message>
    <message>
        <source>the rest waits: {against}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Rest wartet: {against}</translation>
    </message>
    <message>
        <source>the same coins in another order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>dieselben Coins in anderer Reihenfolge</translation>
    </message>
    <message>
        <source>the service answered {status}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Dienst antwortete mit {status}.</translation>
    </message>
    <message>
        <source>the service could not be reached.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Dienst war nicht erreichbar.</translation>
    </message>
    <message>
        <source>the service did not take it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Dienst nahm sie nicht an.</translation>
    </message>
    <message>
        <source>the smallest legal investment must stay; to take out everything, stop the strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der kleinste zulässige Anlagebetrag muss bleiben; um alles zu entnehmen, beenden Sie die Strategie</translation>
    </message>
    <message>
        <source>the smallest order is worth {min_notional} {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die kleinste Order ist {min_notional} {quote} wert</translation>
    </message>
    <message>
        <source>the smallest quantity is {min_quantity} {base}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die kleinste Menge ist {min_quantity} {base}</translation>
    </message>
    <message>
        <source>the smallest weight</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das kleinste Gewicht</translation>
    </message>
    <message>
        <source>the spread of {base} is {spread}, over {limit} %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Spread von {base} ist {spread}, über {limit} %</translation>
    </message>
    <message>
        <source>the spread of {value} % is over {value2} %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Spread von {value} % liegt über {value2} %</translation>
    </message>
    <message>
        <source>the store is not open</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Speicher ist nicht offen</translation>
    </message>
    <message>
        <source>the store refused a statement: {error}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Speicher lehnte eine Anweisung ab: {error}</translation>
    </message>
    <message>
        <source>the store was used by another thread than its own</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Speicher wurde aus einem fremden Thread benutzt</translation>
    </message>
    <message>
        <source>the strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Strategie</translation>
    </message>
    <message>
        <source>the text {value}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Text {value}</translation>
    </message>
    <message>
        <source>the time of its last test has no zone</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Zeit des letzten Tests darin hat keine Zone</translation>
    </message>
    <message>
        <source>the trade {trade_id} belongs to no order of {strategy_id}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Ausführung {trade_id} gehört zu keiner Order von {strategy_id}</translation>
    </message>
    <message>
        <source>the transaction was already undone before its end</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Transaktion war vor ihrem Ende schon rückgängig gemacht</translation>
    </message>
    <message>
        <source>the trigger price of {now} {money}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>dem Auslösepreis von {now} {money}</translation>
    </message>
    <message>
        <source>the {what} is no list of objects</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{what} ist keine Liste von Objekten</translation>
    </message>
    <message>
        <source>the {what} is no object</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{what} ist kein Objekt</translation>
    </message>
    <message>
        <source>there are too many copies of {path}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es gibt zu viele Kopien von {path}</translation>
    </message>
    <message>
        <source>there is no market {symbol}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es gibt keinen Markt {symbol}</translation>
    </message>
    <message>
        <source>there is no order yet that is known to exist</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es gibt noch keine Order, von der bekannt ist, dass es sie gibt</translation>
    </message>
    <message>
        <source>there is no order {client_order_id} to find anything out about</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es gibt keine Order {client_order_id}, über die etwas herauszufinden wäre</translation>
    </message>
    <message>
        <source>there is no order {client_order_id} to update</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es gibt keine Order {client_order_id}, die zu ändern wäre</translation>
    </message>
    <message>
        <source>there is no rule of the kind {raw}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es gibt keine Regel der Art {raw}</translation>
    </message>
    <message>
        <source>there is no session bus</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es gibt keinen Sitzungsbus</translation>
    </message>
    <message>
        <source>there is no source of market caps on this account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>auf diesem Konto gibt es keine Quelle für Marktkapitalisierungen</translation>
    </message>
    <message>
        <source>there is no strategy {strategy_id}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es gibt keine Strategie {strategy_id}</translation>
    </message>
    <message>
        <source>there is no strategy {strategy_id} in the store</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>im Speicher gibt es keine Strategie {strategy_id}</translation>
    </message>
    <message>
        <source>there is no such version</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine solche Version gibt es nicht</translation>
    </message>
    <message>
        <source>there is no unified trading account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es gibt kein Unified-Trading-Konto</translation>
    </message>
    <message>
        <source>third</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>fremde Währung</translation>
    </message>
    <message>
        <source>this desktop shows no notifications: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>dieser Desktop zeigt keine Benachrichtigungen: {error}.</translation>
    </message>
    <message>
        <source>this program's memory, until it ends</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Arbeitsspeicher dieses Programms, bis es endet</translation>
    </message>
    <message>
        <source>this session has no desktop that could show a notification.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>diese Sitzung hat keinen Desktop, der eine Benachrichtigung zeigen könnte.</translation>
    </message>
    <message>
        <source>time, symbol, open, high, low, close and, if there is one, volume</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>time, symbol, open, high, low, close und, falls vorhanden, volume</translation>
    </message>
    <message>
        <source>time-weighted return {sign} {level} %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zeitgewichtete Rendite {sign} {level} %</translation>
    </message>
    <message>
        <source>time: {cell} cannot be read surely. Legal are ISO times (2024-01-31T13:00:00Z) and epoch seconds, milliseconds or microseconds, from 2009 to 2099.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>time: {cell} ist nicht eindeutig zu lesen. Zulässig sind ISO-Zeiten (2024-01-31T13:00:00Z) und Epochensekunden, -millisekunden oder -mikrosekunden, von 2009 bis 2099.</translation>
    </message>
    <message>
        <source>times</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Faches</translation>
    </message>
    <message>
        <source>too little to sell</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zu wenig zum Verkaufen</translation>
    </message>
    <message>
        <source>too small to trade</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zu klein zum Handeln</translation>
    </message>
    <message>
        <source>trade</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel</translation>
    </message>
    <message>
        <source>trades are not listed where nothing is sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausführungen werden nicht aufgelistet, wo nichts gesendet wird</translation>
    </message>
    <message>
        <source>trades of another market or side</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausführungen eines anderen Marktes oder einer anderen Seite</translation>
    </message>
    <message>
        <source>trades of no order that we know: {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausführungen keiner uns bekannten Order: {names}</translation>
    </message>
    <message>
        <source>trading</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel</translation>
    </message>
    <message>
        <source>trading stopped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel gestoppt</translation>
    </message>
    <message>
        <source>trading was stopped just before the order was sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Handel wurde gestoppt, kurz bevor die Order gesendet wurde</translation>
    </message>
    <message>
        <source>transactions</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Transaktionen</translation>
    </message>
    <message>
        <source>transfers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Transfers</translation>
    </message>
    <message>
        <source>trigger</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auslöser</translation>
    </message>
    <message>
        <source>trigger cancelled</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auslöser aufgehoben</translation>
    </message>
    <message>
        <source>trigger {said}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auslöser {said}</translation>
    </message>
    <message>
        <source>true or false</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>true oder false</translation>
    </message>
    <message>
        <source>turnover</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Umschlag</translation>
    </message>
    <message>
        <source>unclear</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>unklar</translation>
    </message>
    <message>
        <source>universal transfers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>universelle Überträge</translation>
    </message>
    <message>
        <source>unknown</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>unreserve</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Reservierung aufgehoben</translation>
    </message>
    <message>
        <source>valued at the start</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>am Anfang bewertet</translation>
    </message>
    <message>
        <source>verify=no is refused: whoever is in between could read and change every message.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>verify=no wird abgelehnt: Wer dazwischensitzt, könnte jede Nachricht lesen und ändern.</translation>
    </message>
    <message>
        <source>volume: it is counted in {only}, but this row is of {symbol}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>volume: Es ist in {only} gezählt, aber diese Zeile ist von {symbol}.</translation>
    </message>
    <message>
        <source>volume: {row} is below zero.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>volume: {row} liegt unter null.</translation>
    </message>
    <message>
        <source>wait</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>warten</translation>
    </message>
    <message>
        <source>waits for your answer</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wartet auf Ihre Antwort</translation>
    </message>
    <message>
        <source>warn</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>warnen</translation>
    </message>
    <message>
        <source>watch</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>beobachten</translation>
    </message>
    <message>
        <source>watch only</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nur beobachten</translation>
    </message>
    <message>
        <source>what it had cost is not known</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>was es gekostet hatte, ist nicht bekannt</translation>
    </message>
    <message>
        <source>whole numbers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ganze Zahlen</translation>
    </message>
    <message>
        <source>withdrawal</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auszahlung</translation>
    </message>
    <message>
        <source>within</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>innerhalb</translation>
    </message>
    <message>
        <source>without {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ohne {names}</translation>
    </message>
    <message>
        <source>x value a day</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>x Wert am Tag</translation>
    </message>
    <message>
        <source>zero or negative</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>null oder negativ</translation>
    </message>
    <message>
        <source>{"basis": "price", "symbol": "BTC/USDT", "level": "30000"} or {"basis": "return", "level": "-20"}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{"basis": "price", "symbol": "BTC/USDT", "level": "30000"} oder {"basis": "return", "level": "-20"}</translation>
    </message>
    <message>
        <source>{account} has not begun yet, so there is nothing to begin anew.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{account} hat noch nicht begonnen, darum gibt es nichts neu zu beginnen.</translation>
    </message>
    <message>
        <source>{account} is not there yet: its old files are in {kept}, and the new ones could not be put in their place.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{account} ist noch nicht da: Seine alten Dateien liegen in {kept}, und die neuen konnten nicht an ihre Stelle gesetzt werden.</translation>
    </message>
    <message>
        <source>{account} is set aside together with its key, not here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{account} wird zusammen mit seinem Schlüssel beiseitegelegt, nicht hier.</translation>
    </message>
    <message>
        <source>{account} was not reset: {why} ({filename}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{account} wurde nicht zurückgesetzt: {why} ({filename}).</translation>
    </message>
    <message>
        <source>{alike} orders were refused with the same words: {words}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{alike} Orders wurden mit denselben Worten abgelehnt: {words}</translation>
    </message>
    <message>
        <source>{amount} is not an amount that can be stored</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{amount} ist kein Betrag, der gespeichert werden kann</translation>
    </message>
    <message>
        <source>{amount} {asset} cannot be sold and went back to the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{amount} {asset} können nicht verkauft werden und gingen in den freien Bestand zurück.</translation>
    </message>
    <message>
        <source>{amount} {quote} more in the strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{amount} {quote} mehr in der Strategie</translation>
    </message>
    <message>
        <source>{amount} {quote} were added to {name}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{amount} {quote} wurden {name} hinzugefügt.</translation>
    </message>
    <message>
        <source>{asset} is a multiple of a coin whose ticker is not told</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} ist ein Vielfaches eines Coins, dessen Kürzel nicht genannt wird</translation>
    </message>
    <message>
        <source>{asset} is called {now_called} now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} heißt jetzt {now_called}.</translation>
    </message>
    <message>
        <source>{asset} is called {renamed} now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} heißt jetzt {renamed}.</translation>
    </message>
    <message>
        <source>{asset} is halted already.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} ist schon angehalten.</translation>
    </message>
    <message>
        <source>{asset} is not a coin of this strategy: add it with a weight, or leave it in the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} ist kein Coin dieser Strategie: Fügen Sie ihn mit einem Gewicht hinzu, oder lassen Sie ihn im freien Bestand.</translation>
    </message>
    <message>
        <source>{asset} is not an asset's name in capital letters and digits</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} ist kein Name aus Großbuchstaben und Ziffern</translation>
    </message>
    <message>
        <source>{asset} is not halted, so there is nothing to reopen.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} ist nicht angehalten, es gibt also nichts wieder zu öffnen.</translation>
    </message>
    <message>
        <source>{asset} is there twice</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} ist doppelt</translation>
    </message>
    <message>
        <source>{asset} is what prices are quoted in; only coins can be changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} ist das, worin Preise angegeben werden; nur Coins können geändert werden.</translation>
    </message>
    <message>
        <source>{asset} needs a daily volatility of 0 or more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} braucht eine tägliche Schwankung von 0 oder mehr.</translation>
    </message>
    <message>
        <source>{asset} needs a start price above 0.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} braucht einen Startpreis über 0.</translation>
    </message>
    <message>
        <source>{asset} new {weight} %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} neu {weight} %</translation>
    </message>
    <message>
        <source>{asset} out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} heraus</translation>
    </message>
    <message>
        <source>{asset} was delisted, and that is for good.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} wurde vom Handel genommen, und das für immer.</translation>
    </message>
    <message>
        <source>{asset}: only {there} are free, use at most that much.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset}: Nur {there} sind frei, verwenden Sie höchstens so viel.</translation>
    </message>
    <message>
        <source>{asset}: the quantity must be above 0.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset}: Die Menge muss über 0 liegen.</translation>
    </message>
    <message>
        <source>{asset}: what it cost must be 0 or more, or left open.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset}: Die Kosten müssen 0 oder mehr sein, oder offen bleiben.</translation>
    </message>
    <message>
        <source>{asset}: {against}. Choose less, or allow larger orders in Settings, Safety rails.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset}: {against}. Wählen Sie weniger, oder erlauben Sie größere Orders in Einstellungen, Sicherheitsgrenzen.</translation>
    </message>
    <message>
        <source>{asset}: {weight} % is not a weight: weights are above 0 %, in steps of 0.01 %.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset}: {weight} % ist kein Gewicht: Gewichte liegen über 0 %, in Schritten von 0,01 %.</translation>
    </message>
    <message>
        <source>{base} is there twice</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{base} ist doppelt</translation>
    </message>
    <message>
        <source>{before}Read as {words}: {names} ({names2}){numbers}{volume}{unused}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{before}Gelesen als {words}: {names} ({names2}){numbers}{volume}{unused}.</translation>
    </message>
    <message>
        <source>{below}: {cells} is below zero; a price must be above it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{below}: {cells} liegt unter null; ein Preis muss darüber liegen.</translation>
    </message>
    <message>
        <source>{bnb} BNB are left in the free pool, less than the {low_bnb} BNB you want to be told at. When none is left, fees are taken in what is traded, or from a strategy that holds BNB.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{bnb} BNB sind im freien Bestand übrig, weniger als die {low_bnb} BNB, bei denen Sie es wissen möchten. Ist nichts mehr da, werden Gebühren in dem genommen, was gehandelt wird, oder von einer Strategie, die BNB hält.</translation>
    </message>
    <message>
        <source>{bnb} {paid_in} cannot be paid for fees: the paper account has not so much.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{bnb} {paid_in} können nicht für Gebühren gezahlt werden: Das Übungskonto hat nicht so viel.</translation>
    </message>
    <message>
        <source>{called} is watch only in this program: {tier_reason}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{called} ist in diesem Programm nur zu beobachten: {tier_reason}</translation>
    </message>
    <message>
        <source>{cash} of the money of {name} went to the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{cash} des Geldes von {name} gingen in den freien Bestand.</translation>
    </message>
    <message>
        <source>{coins} coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{coins} Coins</translation>
    </message>
    <message>
        <source>{coins} coins of that weight are more than 100 %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{coins} Coins mit diesem Gewicht sind mehr als 100 %</translation>
    </message>
    <message>
        <source>{coin} is not a coin's name in capital letters and digits</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{coin} ist kein Coin-Name aus Großbuchstaben und Ziffern</translation>
    </message>
    <message>
        <source>{coin} is {unfit}: a preset may not hold it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{coin} ist {unfit}: Eine Vorlage darf ihn nicht halten</translation>
    </message>
    <message>
        <source>{count} bars</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Kerzen</translation>
    </message>
    <message>
        <source>{count} {rows} {what}, first in line {line} ({name}): {done}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} {rows} {what}, zuerst in Zeile {line} ({name}): {done}.</translation>
    </message>
    <message>
        <source>{cut} candles close</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{cut} Kerzen schließen</translation>
    </message>
    <message>
        <source>{days} days</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{days} Tage</translation>
    </message>
    <message>
        <source>{day} does not come after {previous}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{day} folgt nicht auf {previous}</translation>
    </message>
    <message>
        <source>{file} cannot be looked through</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{file} kann nicht durchsucht werden</translation>
    </message>
    <message>
        <source>{file} cannot be read: {value}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{file} kann nicht gelesen werden: {value}.</translation>
    </message>
    <message>
        <source>{file} cannot be restored</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{file} kann nicht wiederhergestellt werden</translation>
    </message>
    <message>
        <source>{file} is no backup of a data folder, or it is damaged ({error}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{file} ist keine Sicherung eines Datenordners, oder sie ist beschädigt ({error}).</translation>
    </message>
    <message>
        <source>{first}

What to do: {advice}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{first}

Was zu tun ist: {advice}</translation>
    </message>
    <message>
        <source>{halted} strategies were halted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{halted} Strategien wurden angehalten</translation>
    </message>
    <message>
        <source>{hours} hours</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{hours} Stunden</translation>
    </message>
    <message>
        <source>{id} stands there already</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{id} steht schon da</translation>
    </message>
    <message>
        <source>{jump} went by unseen (sleep, or the clock was set): everything is checked before trading.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{jump} vergingen ungesehen (Ruhezustand, oder die Uhr wurde gestellt): Vor dem Handel wird alles geprüft.</translation>
    </message>
    <message>
        <source>{key} is missing</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{key} fehlt</translation>
    </message>
    <message>
        <source>{key} is missing: it must be {legal}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{key} fehlt: Es muss {legal} sein.</translation>
    </message>
    <message>
        <source>{key} is negative</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{key} ist negativ</translation>
    </message>
    <message>
        <source>{key} is neither buy nor sell</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{key} ist weder Kauf noch Verkauf</translation>
    </message>
    <message>
        <source>{key} is not a time</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{key} ist keine Zeit</translation>
    </message>
    <message>
        <source>{key} must be {least} or more, not {value}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{key} muss {least} oder mehr sein, nicht {value}.</translation>
    </message>
    <message>
        <source>{key} must be {legal}, not {value}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{key} muss {legal} sein, nicht {value}.</translation>
    </message>
    <message>
        <source>{key}: {wrong}. The default is used: {words}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{key}: {wrong}. Es gilt die Vorgabe: {words}.</translation>
    </message>
    <message>
        <source>{kind} is not a kind</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{kind} ist keine Art</translation>
    </message>
    <message>
        <source>{left} % is left to give</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{left} % sind noch zu vergeben</translation>
    </message>
    <message>
        <source>{legs} orders</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{legs} Orders</translation>
    </message>
    <message>
        <source>{level} would fire at once: it must be {side} the {now} of {symbol} when it begins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{level} würde sofort auslösen: muss beim Beginn {side} {now} von {symbol} liegen.</translation>
    </message>
    <message>
        <source>{many}: no new order is sent on this account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{many}: Auf diesem Konto wird keine neue Order gesendet.</translation>
    </message>
    <message>
        <source>{max_strategies} strategies run on this account: stop one first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{max_strategies} Strategien laufen auf diesem Konto: Beenden Sie zuerst eine.</translation>
    </message>
    <message>
        <source>{message} An account at an exchange is not opened there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{message} Ein Konto an einer Börse wird dort nicht eröffnet.</translation>
    </message>
    <message>
        <source>{message} Nothing more is sent; it is tried again every {try_again} seconds.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{message} Nichts mehr wird gesendet; alle {try_again} Sekunden wird es erneut versucht.</translation>
    </message>
    <message>
        <source>{min_gate} to {max_gate} % in steps of {gate_grid}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{min_gate} bis {max_gate} % in Schritten von {gate_grid}</translation>
    </message>
    <message>
        <source>{min_threshold} to {max_threshold} % in steps of {threshold_grid}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{min_threshold} bis {max_threshold} % in Schritten von {threshold_grid}</translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{minutes} min</translation>
    </message>
    <message>
        <source>{minutes} minutes</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{minutes} Minuten</translation>
    </message>
    <message>
        <source>{money} is not a money of this account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{money} ist kein Geld dieses Kontos.</translation>
    </message>
    <message>
        <source>{most} orders in a row were refused. The last answer: {words}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{most} Orders in Folge wurden abgelehnt. Die letzte Antwort: {words}</translation>
    </message>
    <message>
        <source>{multiplier} is not 1, 10, 100 ...</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{multiplier} ist nicht 1, 10, 100 ...</translation>
    </message>
    <message>
        <source>{names} could not be reached.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} war nicht erreichbar.</translation>
    </message>
    <message>
        <source>{names} does not trade in {quote} now: replace it or leave it out.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} ist jetzt nicht in {quote} handelbar: Ersetzen Sie ihn oder lassen Sie ihn weg.</translation>
    </message>
    <message>
        <source>{names} holds {new} already: drop {old} there first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} hält schon {new}: Lassen Sie dort zuerst {old} weg.</translation>
    </message>
    <message>
        <source>{names} is missing at the exchange: deposit it again, or book the loss.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} fehlt an der Börse: Zahlen Sie es wieder ein, oder buchen Sie den Verlust.</translation>
    </message>
    <message>
        <source>{names} is there twice</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} ist doppelt</translation>
    </message>
    <message>
        <source>{names} is there twice.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} ist doppelt.</translation>
    </message>
    <message>
        <source>{names} is there twice: each coin may stand in a strategy once.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} ist doppelt: Jeder Coin darf in einer Strategie einmal stehen.</translation>
    </message>
    <message>
        <source>{names} was delisted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} wird nicht mehr gehandelt</translation>
    </message>
    <message>
        <source>{names} were delisted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} werden nicht mehr gehandelt</translation>
    </message>
    <message>
        <source>{names}. It is tried again every {seconds} seconds.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names}. Es wird alle {seconds} Sekunden erneut versucht.</translation>
    </message>
    <message>
        <source>{name} answered more than {value} MB.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} antwortete mit mehr als {value} MB.</translation>
    </message>
    <message>
        <source>{name} answered something that is no list of coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} antwortete mit etwas, das keine Liste von Coins ist.</translation>
    </message>
    <message>
        <source>{name} answered with the error {status}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} antwortete mit dem Fehler {status}.</translation>
    </message>
    <message>
        <source>{name} answers with candles of another time than was asked for.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} antwortet mit Kerzen einer anderen Zeit als gefragt.</translation>
    </message>
    <message>
        <source>{name} asked for a pause before the program was started; it ends in {value} s.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} bat vor dem Start des Programms um eine Pause; sie endet in {value} s.</translation>
    </message>
    <message>
        <source>{name} asked for a pause.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} bat um eine Pause.</translation>
    </message>
    <message>
        <source>{name} cannot be opened: {message}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} kann nicht geöffnet werden: {message}</translation>
    </message>
    <message>
        <source>{name} cannot be read: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} kann nicht gelesen werden: {error}.</translation>
    </message>
    <message>
        <source>{name} cannot be read: {value}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} kann nicht gelesen werden: {value}.</translation>
    </message>
    <message>
        <source>{name} cannot be the name of an account: use 1 to 40 letters, digits, spaces, '_', '-' or '.', beginning with a letter or digit and not ending with a space or '.'.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} kann kein Kontoname sein: Nehmen Sie 1 bis 40 Buchstaben, Ziffern, Leerzeichen, '_', '-' oder '.', am Anfang einen Buchstaben oder eine Ziffer und am Ende weder Leerzeichen noch '.'.</translation>
    </message>
    <message>
        <source>{name} could not be reached.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} war nicht erreichbar.</translation>
    </message>
    <message>
        <source>{name} did not answer ({name2})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} antwortete nicht ({name2})</translation>
    </message>
    <message>
        <source>{name} does not answer.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} antwortet nicht.</translation>
    </message>
    <message>
        <source>{name} does not run, so it cannot be paused.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} läuft nicht und kann darum nicht pausieren.</translation>
    </message>
    <message>
        <source>{name} does not take such a client order id</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} nimmt eine solche eigene Ordernummer nicht an</translation>
    </message>
    <message>
        <source>{name} does not trade now ({state}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} handelt jetzt nicht ({state}).</translation>
    </message>
    <message>
        <source>{name} gives {only} of {timeframe}: before {begins} there is only what was stored, of {names}. A file with candles goes back further.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} gibt {only} von {timeframe}: Vor {begins} gibt es nur, was gespeichert war, von {names}. Eine Datei mit Kerzen reicht weiter zurück.</translation>
    </message>
    <message>
        <source>{name} has ended already.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist schon beendet.</translation>
    </message>
    <message>
        <source>{name} has ended: {reason}.{left}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist beendet: {reason}.{left}</translation>
    </message>
    <message>
        <source>{name} has no candles of {timeframe}. It has those of: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} hat keine Kerzen von {timeframe}. Es hat: {names}.</translation>
    </message>
    <message>
        <source>{name} has no environment {environment} to practise in; it has: {there}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} hat keine Umgebung {environment} zum Üben; es hat: {there}.</translation>
    </message>
    <message>
        <source>{name} has no key.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} hat keinen Schlüssel.</translation>
    </message>
    <message>
        <source>{name} has no market {symbol}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} hat keinen Markt {symbol}</translation>
    </message>
    <message>
        <source>{name} has not rebalanced for {hours}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} hat seit {hours} nicht rebalanciert</translation>
    </message>
    <message>
        <source>{name} has {strategies} not over. Stop first, then remove the account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} hat {strategies} nicht beendet. Beenden Sie sie zuerst, entfernen Sie dann das Konto.</translation>
    </message>
    <message>
        <source>{name} holds nothing to rebalance.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} hält nichts zum Rebalancieren.</translation>
    </message>
    <message>
        <source>{name} holds: the price of {asset} jumped by more than 10 % and is being confirmed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wartet: Der Preis von {asset} sprang um mehr als 10 % und wird bestätigt.</translation>
    </message>
    <message>
        <source>{name} holds: {against}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wartet: {against}.</translation>
    </message>
    <message>
        <source>{name} holds: {asset}: {detail}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wartet: {asset}: {detail}.</translation>
    </message>
    <message>
        <source>{name} is a paper account: it has no key that could be tested.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist ein Übungskonto: Es hat keinen Schlüssel, der zu testen wäre.</translation>
    </message>
    <message>
        <source>{name} is a paper account: it has no key. Add another account for one.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist ein Übungskonto: Es hat keinen Schlüssel. Fügen Sie für einen Schlüssel ein anderes Konto hinzu.</translation>
    </message>
    <message>
        <source>{name} is asked again from {until} UTC on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wird ab {until} UTC wieder gefragt.</translation>
    </message>
    <message>
        <source>{name} is being stopped: {waiting} could not be sold yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wird beendet: {waiting} konnte noch nicht verkauft werden.</translation>
    </message>
    <message>
        <source>{name} is being stopped{why}: {how}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wird beendet{why}: {how}.</translation>
    </message>
    <message>
        <source>{name} is halted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist angehalten</translation>
    </message>
    <message>
        <source>{name} is halted: resume it first, then its trigger can be taken away.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist angehalten: Setzen Sie sie zuerst fort, dann kann ihr Auslöser aufgehoben werden.</translation>
    </message>
    <message>
        <source>{name} is halted: {reason}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist angehalten: {reason}</translation>
    </message>
    <message>
        <source>{name} is neither paused nor halted.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist weder pausiert noch angehalten.</translation>
    </message>
    <message>
        <source>{name} is neither true nor false</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist weder wahr noch falsch</translation>
    </message>
    <message>
        <source>{name} is no account at an exchange.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist kein Konto an einer Börse.</translation>
    </message>
    <message>
        <source>{name} is no live account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist kein echtes Konto.</translation>
    </message>
    <message>
        <source>{name} is no live account: its trading mode is chosen in Settings.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist kein echtes Konto: Sein Handelsmodus wird in den Einstellungen gewählt.</translation>
    </message>
    <message>
        <source>{name} is no text</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist kein Text</translation>
    </message>
    <message>
        <source>{name} is not a demo market.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist kein Demomarkt.</translation>
    </message>
    <message>
        <source>{name} is not a paper account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist kein Übungskonto.</translation>
    </message>
    <message>
        <source>{name} is not open</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist nicht offen</translation>
    </message>
    <message>
        <source>{name} is not open.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist nicht offen.</translation>
    </message>
    <message>
        <source>{name} is not there</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist nicht da</translation>
    </message>
    <message>
        <source>{name} is over {rule}: one more check must agree.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} liegt über {rule}: Eine weitere Prüfung muss übereinstimmen.</translation>
    </message>
    <message>
        <source>{name} is watch only in this program: plans are shown, nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist in diesem Programm nur zu beobachten: Pläne werden gezeigt, nichts wird gesendet.</translation>
    </message>
    <message>
        <source>{name} is watch only: nothing is sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} beobachtet nur: Nichts wird gesendet</translation>
    </message>
    <message>
        <source>{name} is within {limit}: nothing to do.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} liegt innerhalb von {limit}: nichts zu tun.</translation>
    </message>
    <message>
        <source>{name} is {lower}: funds are {verb} one that runs.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist {lower}: Geld wird nur einer laufenden Strategie {verb}.</translation>
    </message>
    <message>
        <source>{name} is {lower}: it cannot be edited any more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist {lower}: Sie kann nicht mehr bearbeitet werden.</translation>
    </message>
    <message>
        <source>{name} is {lower}: its coins cannot be changed now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist {lower}: Ihre Coins können jetzt nicht geändert werden.</translation>
    </message>
    <message>
        <source>{name} lists no market at all.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} nennt überhaupt keinen Markt.</translation>
    </message>
    <message>
        <source>{name} lists no spot market.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} nennt keinen Spot-Markt.</translation>
    </message>
    <message>
        <source>{name} needs a key and a secret; the {field} is missing.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} braucht einen Schlüssel und ein Geheimnis; es fehlt: {field}.</translation>
    </message>
    <message>
        <source>{name} only watches: {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} beobachtet nur: {names}</translation>
    </message>
    <message>
        <source>{name} proposes to rebalance ({reason}, {orders}): approve it, or press Not now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} schlägt ein Rebalancing vor ({reason}, {orders}): Genehmigen Sie es, oder drücken Sie Nicht jetzt.</translation>
    </message>
    <message>
        <source>{name} rebalanced ({reason}, worst drift {drift} pp): {coins} traded{skipped}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wurde rebalanciert ({reason}, größte Abweichung {drift} PP): {coins} gehandelt{skipped}.</translation>
    </message>
    <message>
        <source>{name} rebalanced in part ({reason}, worst drift {drift} pp): {coins} traded{skipped}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wurde teilweise rebalanciert ({reason}, größte Abweichung {drift} PP): {coins} gehandelt{skipped}.</translation>
    </message>
    <message>
        <source>{name} refused ({kind})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} lehnte ab ({kind})</translation>
    </message>
    <message>
        <source>{name} refused the request: if there is a key in Settings, look whether it is right.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} lehnte die Anfrage ab: Steht in den Einstellungen ein Schlüssel, prüfen Sie, ob er stimmt.</translation>
    </message>
    <message>
        <source>{name} runs with the coins as they are: nothing was built.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} läuft mit den Coins, wie sie sind: Nichts wurde aufgebaut.</translation>
    </message>
    <message>
        <source>{name} runs.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} läuft.</translation>
    </message>
    <message>
        <source>{name} tells no prices.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} nennt keine Preise.</translation>
    </message>
    <message>
        <source>{name} told market caps of {figures} coins out of {wanted} only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} nannte die Marktkapitalisierung nur von {figures} der {wanted} Coins.</translation>
    </message>
    <message>
        <source>{name} told {dropped} candles that cannot be true; they were left out, as gaps.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} nannte {dropped} Kerzen, die nicht wahr sein können; sie wurden als Lücken weggelassen.</translation>
    </message>
    <message>
        <source>{name} waits for its next time.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wartet auf den nächsten Zeitpunkt.</translation>
    </message>
    <message>
        <source>{name} waits for its trigger ({words}); its money is reserved.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wartet auf den Auslöser ({words}); das Geld ist reserviert.</translation>
    </message>
    <message>
        <source>{name} waits for prices: {strategy}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wartet auf Preise: {strategy}.</translation>
    </message>
    <message>
        <source>{name} waits: a price that jumped is being confirmed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wartet: Ein gesprungener Preis wird bestätigt.</translation>
    </message>
    <message>
        <source>{name} waits: an order of {other} is being looked up.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wartet: Eine Order von {other} wird nachgeschlagen.</translation>
    </message>
    <message>
        <source>{name} waits: its last proposal was put off.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wartet: Der letzte Vorschlag wurde aufgeschoben.</translation>
    </message>
    <message>
        <source>{name} wants to be asked less often.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} möchte seltener gefragt werden.</translation>
    </message>
    <message>
        <source>{name} was created with {investment} {quote}{coins}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wurde mit {investment} {quote}{coins} angelegt.</translation>
    </message>
    <message>
        <source>{name} was halted: {reason}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wurde angehalten: {reason}</translation>
    </message>
    <message>
        <source>{name} was paused: nothing is traded until it is resumed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wurde pausiert: Bis zum Fortsetzen wird nichts gehandelt.</translation>
    </message>
    <message>
        <source>{name} was resumed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wurde fortgesetzt.</translation>
    </message>
    <message>
        <source>{name} would be reached without encryption</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} würde ohne Verschlüsselung angesprochen</translation>
    </message>
    <message>
        <source>{name} would rebalance ({reason}, {orders}); the account is on watch only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} würde rebalancieren ({reason}, {orders}); das Konto beobachtet nur.</translation>
    </message>
    <message>
        <source>{name}, its own list of markets</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}, die eigene Liste der Märkte</translation>
    </message>
    <message>
        <source>{name}, version {version}: {old} was taken over as {new}. Press Resume to go on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}, Version {version}: {old} wurde als {new} übernommen. Drücken Sie Fortsetzen, damit es weitergeht.</translation>
    </message>
    <message>
        <source>{name}, version {version}: {words}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}, Version {version}: {words}.</translation>
    </message>
    <message>
        <source>{name}: a rebalance was asked for.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: Ein Rebalancing wurde verlangt.</translation>
    </message>
    <message>
        <source>{name}: at its time the worst drift was not over {limit}: nothing to do.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: Zum Zeitpunkt lag die größte Abweichung nicht über {limit}: nichts zu tun.</translation>
    </message>
    <message>
        <source>{name}: checking an order, nothing else is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: Eine Order wird geprüft, sonst wird nichts gesendet.</translation>
    </message>
    <message>
        <source>{name}: its trigger was reached; it waits for prices ({value}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: Der Auslöser wurde erreicht; wartet auf Preise ({value}).</translation>
    </message>
    <message>
        <source>{name}: its {words} was reached; a price that jumped is being confirmed first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: {words} wurde erreicht; ein gesprungener Preis wird zuerst bestätigt.</translation>
    </message>
    <message>
        <source>{name}: no row has a price.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: Keine Zeile hat einen Preis.</translation>
    </message>
    <message>
        <source>{name}: nothing is quoted in {main} there; the exchange's moneys are: {there}. Remove the account and add it again with one of them.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: Dort wird nichts in {main} gehandelt; die Gelder der Börse sind: {there}. Entfernen Sie das Konto und fügen Sie es mit einem davon neu hinzu.</translation>
    </message>
    <message>
        <source>{name}: open, high, low and close contradict each other here and in {value} more rows. Look whether the columns are named rightly.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: Open, High, Low und Close widersprechen einander hier und in {value} weiteren Zeilen. Prüfen Sie, ob die Spalten richtig benannt sind.</translation>
    </message>
    <message>
        <source>{name}: prices moved before the approved rebalance was sent; it is planned anew.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: Preise bewegten sich, bevor das genehmigte Rebalancing gesendet war; es wird neu geplant.</translation>
    </message>
    <message>
        <source>{name}: the proposed rebalance was approved.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: Das vorgeschlagene Rebalancing wurde genehmigt.</translation>
    </message>
    <message>
        <source>{name}: the proposed rebalance was put off.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: Das vorgeschlagene Rebalancing wurde aufgeschoben.</translation>
    </message>
    <message>
        <source>{name}: the trigger was reached ({words}){how}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: Der Auslöser wurde erreicht ({words}){how}.</translation>
    </message>
    <message>
        <source>{name}: too little to sell, given back to the free pool: {coins}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: zu wenig zum Verkaufen, in den freien Bestand zurückgegeben: {coins}.</translation>
    </message>
    <message>
        <source>{name}: {cell} is no number written like {style}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: {cell} ist keine Zahl in der Schreibweise {style}.</translation>
    </message>
    <message>
        <source>{name}: {strategy} are to be taken out, {method}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: {strategy} sollen entnommen werden, {method}.</translation>
    </message>
    <message>
        <source>{name}: {what} were booked as gone. Press Resume to go on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: {what} wurden als verschwunden gebucht. Drücken Sie Fortsetzen, damit es weitergeht.</translation>
    </message>
    <message>
        <source>{name}: {why}, given back to the free pool: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: {why}, in den freien Bestand zurückgegeben: {names}.</translation>
    </message>
    <message>
        <source>{name}: {words} reached ({words2}){how}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: {words} erreicht ({words2}){how}.</translation>
    </message>
    <message>
        <source>{name}:{port} is not a host of this exchange</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}:{port} ist kein Rechner dieser Börse</translation>
    </message>
    <message>
        <source>{notices} things happened</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{notices} Dinge sind geschehen</translation>
    </message>
    <message>
        <source>{old} seems to be called {new} now: as many {new} came as {old} went. Coins and cash stay where they are; nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{old} scheint jetzt {new} zu heißen: Es kamen so viele {new}, wie {old} gingen. Coins und Geld bleiben, wo sie sind; nichts wird gesendet.</translation>
    </message>
    <message>
        <source>{old} seems to have been renamed to {new} at the exchange.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{old} scheint an der Börse in {new} umbenannt worden zu sein.</translation>
    </message>
    <message>
        <source>{old} was not renamed to {new}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{old} wurde nicht in {new} umbenannt.</translation>
    </message>
    <message>
        <source>{old} was renamed {new}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{old} wurde in {new} umbenannt</translation>
    </message>
    <message>
        <source>{orders} coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{orders} Coins</translation>
    </message>
    <message>
        <source>{part} {asset} of it are missing at the exchange: they were taken out outside the program. The rest stays where it is; nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{part} {asset} davon fehlen an der Börse: Sie wurden außerhalb des Programms entnommen. Der Rest bleibt, wo er ist; nichts wird gesendet.</translation>
    </message>
    <message>
        <source>{path} cannot be changed: {strerror}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{path} kann nicht geändert werden: {strerror}.</translation>
    </message>
    <message>
        <source>{path} cannot be made ({strerror})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{path} kann nicht angelegt werden ({strerror})</translation>
    </message>
    <message>
        <source>{path} in the backup is damaged: it is not what was backed up.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{path} in der Sicherung ist beschädigt: Es ist nicht, was gesichert wurde.</translation>
    </message>
    <message>
        <source>{path} is damaged and cannot be put aside ({strerror})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{path} ist beschädigt und kann nicht beiseitegelegt werden ({strerror})</translation>
    </message>
    <message>
        <source>{path} is not a file.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{path} ist keine Datei.</translation>
    </message>
    <message>
        <source>{path} is not the file of a paper account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{path} ist nicht die Datei eines Übungskontos.</translation>
    </message>
    <message>
        <source>{place} cannot be put back: {fault}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{place} kann nicht zurückgelegt werden: {fault}</translation>
    </message>
    <message>
        <source>{place} holds no copy of the paper account's file {venue}, and the present one is damaged. `rebalancer account reset` begins with a new paper account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{place} enthält keine Kopie der Datei {venue} des Übungskontos, und die jetzige ist beschädigt. `rebalancer account reset` beginnt mit einem neuen Übungskonto.</translation>
    </message>
    <message>
        <source>{place} is a ledger in use, not a backup.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{place} ist ein Kontobuch in Gebrauch, keine Sicherung.</translation>
    </message>
    <message>
        <source>{place} is no backup of {account}: there is no ledger in it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{place} ist keine Sicherung von {account}: Es ist kein Kontobuch darin.</translation>
    </message>
    <message>
        <source>{place} is read-only for you, so nothing could be booked.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{place} ist für Sie schreibgeschützt, darum konnte nichts gebucht werden.</translation>
    </message>
    <message>
        <source>{plain} % is too much</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{plain} % sind zu viel</translation>
    </message>
    <message>
        <source>{position} is not a position in a sequence of ids</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{position} ist keine Stelle in einer Folge von Kennungen</translation>
    </message>
    <message>
        <source>{problem} What is stored already is shown.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{problem} Gezeigt wird, was schon gespeichert ist.</translation>
    </message>
    <message>
        <source>{project} (checkout)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{project} (Checkout)</translation>
    </message>
    <message>
        <source>{quote} is no money: give its short name, such as USDT, USD or EUR.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{quote} ist kein Geld: Geben Sie das Kürzel an, etwa USDT, USD oder EUR.</translation>
    </message>
    <message>
        <source>{quote} is not a money of this account: choose {legal}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{quote} ist kein Geld dieses Kontos: Wählen Sie {legal}.</translation>
    </message>
    <message>
        <source>{quote} is the strategy's money, not a coin. To keep a cash share, add a dollar coin such as USDC, or invest less.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{quote} ist das Geld der Strategie, kein Coin. Um einen Anteil Bargeld zu halten, fügen Sie einen Dollar-Coin wie USDC hinzu, oder legen Sie weniger an.</translation>
    </message>
    <message>
        <source>{quote} is the strategy's money, not a coin: it must stand under cash.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{quote} ist das Geld der Strategie, kein Coin: Es muss unter Geld stehen.</translation>
    </message>
    <message>
        <source>{raw} is not {legal}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{raw} ist nicht {legal}</translation>
    </message>
    <message>
        <source>{row} cells stand there instead of {width}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{row} Zellen stehen da statt {width}.</translation>
    </message>
    <message>
        <source>{row} columns instead of {header}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{row} Spalten statt {header}</translation>
    </message>
    <message>
        <source>{row} in column {coin} is not a number above 0</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{row} in Spalte {coin} ist keine Zahl über 0</translation>
    </message>
    <message>
        <source>{row} is not a date</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{row} ist kein Datum</translation>
    </message>
    <message>
        <source>{said} Nothing is booked blindly: what the exchange holds more goes to the free pool, and who lacks something is halted until its owner decides.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{said} Nichts wird blind gebucht: Was die Börse mehr hält, geht in den freien Bestand, und wem etwas fehlt, der wird angehalten, bis sein Besitzer entscheidet.</translation>
    </message>
    <message>
        <source>{seconds} seconds</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{seconds} Sekunden</translation>
    </message>
    <message>
        <source>{short} {asset} that belong to strategies are missing at the exchange. They went out outside the program; nothing is bought back.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{short} {asset}, die zu Strategien gehören, fehlen an der Börse. Sie gingen außerhalb des Programms hinaus; nichts wird zurückgekauft.</translation>
    </message>
    <message>
        <source>{source_id} is not an id of small letters, digits and hyphens</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{source_id} ist keine Kennung aus kleinen Buchstaben, Ziffern und Bindestrichen</translation>
    </message>
    <message>
        <source>{standing} strategies that are</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{standing} Strategien, die</translation>
    </message>
    <message>
        <source>{strategy} from sales of {name} went to the free pool{skips}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{strategy} aus Verkäufen von {name} gingen in den freien Bestand{skips}.</translation>
    </message>
    <message>
        <source>{strategy} went back to the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{strategy} gingen in den freien Bestand zurück.</translation>
    </message>
    <message>
        <source>{symbols} are not tickers in capital letters and digits</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbols} sind keine Kürzel aus Großbuchstaben und Ziffern</translation>
    </message>
    <message>
        <source>{symbol} does not trade on this account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} ist auf diesem Konto nicht handelbar.</translation>
    </message>
    <message>
        <source>{symbol} for all rows</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} für alle Zeilen</translation>
    </message>
    <message>
        <source>{symbol} has candles of {timeframe} and {symbol2} of {timeframe2}: all coins need candles of the same length.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} hat Kerzen von {timeframe} und {symbol2} von {timeframe2}: Alle Coins brauchen Kerzen gleicher Länge.</translation>
    </message>
    <message>
        <source>{symbol} has no candle at any bar: it cannot be watched.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} hat bei keiner Kerze der Coins eine eigene: Es kann nicht beobachtet werden.</translation>
    </message>
    <message>
        <source>{symbol} has no price on this account now: choose a symbol that trades.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} hat auf diesem Konto jetzt keinen Preis: Wählen Sie ein handelbares Symbol.</translation>
    </message>
    <message>
        <source>{symbol} has one candle only, so the length of a bar cannot be told. At least two are needed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} hat nur eine Kerze, darum ist die Länge einer Kerze nicht zu erkennen. Es braucht mindestens zwei.</translation>
    </message>
    <message>
        <source>{symbol} has two different candles of {at}: {place} and {place2}. Leave one of them out.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} hat zwei verschiedene Kerzen von {at}: {place} und {place2}. Lassen Sie eine davon weg.</translation>
    </message>
    <message>
        <source>{symbol} is at {now} at the first bar: the trigger must be above or below that.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} steht bei der ersten Kerze bei {now}: Der Auslöser muss darüber oder darunter liegen.</translation>
    </message>
    <message>
        <source>{symbol} is at {now} {money} now: the trigger must be above or below that.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} steht jetzt bei {now} {money}: Der Auslöser muss darüber oder darunter liegen.</translation>
    </message>
    <message>
        <source>{symbol} is not open for trading</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} ist nicht zum Handel offen</translation>
    </message>
    <message>
        <source>{symbol} is not open for trading at {name}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} ist an {name} nicht zum Handel offen.</translation>
    </message>
    <message>
        <source>{symbol} {times} from {moment_text}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol} {times} ab {moment_text}</translation>
    </message>
    <message>
        <source>{symbol}: bars of {bar} and, from {where} on, of {longer}. Timeframes may not be mixed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol}: Kerzen von {bar} und, ab {where}, von {longer}. Zeitrahmen dürfen nicht gemischt werden.</translation>
    </message>
    <message>
        <source>{symbol}: bars of {words_of_timeframe} are no timeframe. Legal are equal parts of a day, and 1 to 7 days.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol}: Kerzen von {words_of_timeframe} sind kein Zeitrahmen. Zulässig sind gleiche Teile eines Tages und 1 bis 7 Tage.</translation>
    </message>
    <message>
        <source>{symbol}: its first {value} at {prices}, more than {spike} times away from the {prices2} after it: a listing spike, left out.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol}: die ersten {value} bei {prices}, mehr als {spike}-mal entfernt von {prices2} danach: eine Spitze bei der Notierung, weggelassen.</translation>
    </message>
    <message>
        <source>{symbol}: the candle in {place} does not lie a whole number of bars of {bar} after the one before. Timeframes may not be mixed, and days must begin at the same hour.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol}: Die Kerze in {place} liegt nicht eine ganze Zahl von Kerzen zu {bar} nach der vorigen. Zeitrahmen dürfen nicht gemischt werden, und Tage müssen zur selben Stunde beginnen.</translation>
    </message>
    <message>
        <source>{symbol}: the candles did not stand in order of time; they were sorted.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol}: Die Kerzen standen nicht in der Reihenfolge der Zeit; sie wurden sortiert.</translation>
    </message>
    <message>
        <source>{symbol}: the newest candle stood first; the order was turned round.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol}: Die neueste Kerze stand zuerst; die Reihenfolge wurde umgedreht.</translation>
    </message>
    <message>
        <source>{symbol}: what begins at {at} or later is not over yet and was left out.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol}: Was am {at} oder später beginnt, ist noch nicht vorbei und wurde weggelassen.</translation>
    </message>
    <message>
        <source>{symbol}: {bad} with a close that is zero, negative or no number, the first opened at {where}: treated as gaps.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol}: {bad} mit einem Schlusskurs, der null, negativ oder keine Zahl ist, die erste vom {where}: als Lücken behandelt.</translation>
    </message>
    <message>
        <source>{symbol}: {lacks} of {expected} missing{where}: nothing is checked or traded in a gap.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol}: {lacks} von {expected} fehlen{where}: In einer Lücke wird nichts geprüft oder gehandelt.</translation>
    </message>
    <message>
        <source>{symbol}: {twice} {value} there twice.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol}: {twice} {value} doppelt da.</translation>
    </message>
    <message>
        <source>{tag} is not an install tag: {tag_length} characters of a-z and 0-9</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{tag} ist kein Kennzeichen einer Installation: {tag_length} Zeichen aus a-z und 0-9</translation>
    </message>
    <message>
        <source>{target} came meanwhile: name another file.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{target} kam inzwischen hinzu: Nennen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{target} is there already: name a new file, or move that one away.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{target} gibt es schon: Nennen Sie eine neue Datei, oder verschieben Sie jene.</translation>
    </message>
    <message>
        <source>{text} It is tried again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{text} Es wird erneut versucht.</translation>
    </message>
    <message>
        <source>{text} is no money to start with</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{text} ist kein Startgeld</translation>
    </message>
    <message>
        <source>{text} is no time offset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{text} ist keine Zeitabweichung</translation>
    </message>
    <message>
        <source>{text} is not an amount</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{text} ist kein Betrag</translation>
    </message>
    <message>
        <source>{there}: a strategy holds {min_coins} to {max_coins} coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{there}: Eine Strategie hält {min_coins} bis {max_coins} Coins.</translation>
    </message>
    <message>
        <source>{title}: this rail cannot be switched off.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title}: Diese Grenze kann nicht ausgeschaltet werden.</translation>
    </message>
    <message>
        <source>{title}: this rail is off on a {kind}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title}: Diese Grenze ist hier aus ({kind}).</translation>
    </message>
    <message>
        <source>{title}: this value cannot be changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title}: Dieser Wert kann nicht geändert werden.</translation>
    </message>
    <message>
        <source>{units} came in from outside: booked to the free pool, not invested.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{units} kamen von außen: in den freien Bestand gebucht, nicht angelegt.</translation>
    </message>
    <message>
        <source>{units} went out: taken from the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{units} gingen hinaus: aus dem freien Bestand genommen.</translation>
    </message>
    <message>
        <source>{upper}{described} failed: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{upper}{described} schlug fehl: {error}.</translation>
    </message>
    <message>
        <source>{upper}{described} is locked: {error}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{upper}{described} ist verschlossen: {error}.</translation>
    </message>
    <message>
        <source>{upper}{words}. Coins and cash stay where they are; nothing is sold.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{upper}{words}. Coins und Geld bleiben, wo sie sind; nichts wird verkauft.</translation>
    </message>
    <message>
        <source>{value} cannot be taken out at {moment_text}: of {worth} {legal}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{value} können am {moment_text} nicht entnommen werden: von {worth} {legal}.</translation>
    </message>
    <message>
        <source>{value} days</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{value} Tage</translation>
    </message>
    <message>
        <source>{value} is not a plain number such as "0.01"</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{value} ist keine einfache Zahl wie "0.01"</translation>
    </message>
    <message>
        <source>{value} min</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{value} min</translation>
    </message>
    <message>
        <source>{venue} does not serve the place that this computer asks from: {words}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{venue} bedient den Ort nicht, von dem dieser Computer fragt: {words}.</translation>
    </message>
    <message>
        <source>{venue} does not tell whether the key may withdraw. {look}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{venue} sagt nicht, ob der Schlüssel auszahlen darf. {look}</translation>
    </message>
    <message>
        <source>{venue} has no candles of {arguments}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{venue} hat keine Kerzen von {arguments}.</translation>
    </message>
    <message>
        <source>{venue} has no environment {environment}; there is: {there}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{venue} hat keine Umgebung {environment}; es gibt: {there}.</translation>
    </message>
    <message>
        <source>{venue} has no market {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{venue} hat keinen Markt {names}.</translation>
    </message>
    <message>
        <source>{venue} refuses the key: {words}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{venue} lehnt den Schlüssel ab: {words}</translation>
    </message>
    <message>
        <source>{venue} through ccxt</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{venue} über ccxt</translation>
    </message>
    <message>
        <source>{venue}: its candles could not be read</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{venue}: Die Kerzen waren nicht zu lesen</translation>
    </message>
    <message>
        <source>{weeks} weeks</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{weeks} Wochen</translation>
    </message>
    <message>
        <source>{what} did not answer within {seconds} seconds.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{what} antwortete nicht binnen {seconds} Sekunden.</translation>
    </message>
    <message>
        <source>{what} failed in a way that is not known.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{what} schlug auf unbekannte Weise fehl.</translation>
    </message>
    <message>
        <source>{what} is no number</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{what} ist keine Zahl</translation>
    </message>
    <message>
        <source>{what}: a ledger could not be copied ({error}).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{what}: Ein Kontobuch konnte nicht kopiert werden ({error}).</translation>
    </message>
    <message>
        <source>{whose} has sent {orders} orders within an hour; {limit} are allowed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{whose} hat binnen einer Stunde {orders} Orders gesendet; {limit} sind erlaubt</translation>
    </message>
    <message>
        <source>{whose} would turn over {money} within 24 hours, more than {limit} x its value ({most}); {until}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{whose} würde binnen 24 Stunden {money} umschlagen, mehr als das {limit}-Fache des Werts ({most}); {until}</translation>
    </message>
    <message>
        <source>{why_no_orders} Or keep the coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{why_no_orders} Oder behalten Sie die Coins.</translation>
    </message>
    <message>
        <source>{why} Bundled daily prices stand in, {first} to {last}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{why} Mitgelieferte Tagespreise springen ein, {first} bis {last}.</translation>
    </message>
    <message>
        <source>{why} would leave {amount} {asset} on {account}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{why} würde {amount} {asset} auf {account} lassen</translation>
    </message>
</context>
<context>
    <name>Rebalancer</name>
    <message>
        <source> (marks: threshold {mark})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> (Marken: {mark})</translation>
    </message>
    <message>
        <source> (now {days})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> (jetzt {days})</translation>
    </message>
    <message>
        <source> (watch only)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> (nur beobachten)</translation>
    </message>
    <message>
        <source> A withdrawal takes {short} {asset} that belong to strategies: {who} is halted until you book the loss or deposit it again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> Eine Auszahlung nimmt {short} {asset}, die zu Strategien gehören: {who} wird angehalten, bis Sie den Verlust buchen oder den Betrag wieder einzahlen.</translation>
    </message>
    <message>
        <source> At 50/50 that beats holding over this time only while neither grows more than {most} times as much as the other; between {first} and {second} it was {here} times.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> Bei 50/50 schlägt das in dieser Zeit das Halten nur, solange keiner mehr als das {most}-Fache des anderen wächst; zwischen {first} und {second} war es das {here}-Fache.</translation>
    </message>
    <message>
        <source> Fees about {estimated_fees}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> Gebühren etwa {estimated_fees}.</translation>
    </message>
    <message>
        <source> HODL: the same money, bought at target weights, never traded.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> HODL: dasselbe Geld, zu den Zielgewichten gekauft und nie gehandelt.</translation>
    </message>
    <message>
        <source> In strategies: {names}{more}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> In Strategien: {names}{more}.</translation>
    </message>
    <message>
        <source> Next look {utc_moment}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> Nächste Prüfung {utc_moment}</translation>
    </message>
    <message>
        <source> One typical rebalance costs {one}, a year about {year}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> Ein typisches Rebalancing kostet {one}, ein Jahr etwa {year}.</translation>
    </message>
    <message>
        <source> The replay is paused, so this waits until it goes on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> Die Wiedergabe ist angehalten, darum wartet dies, bis sie weiterläuft.</translation>
    </message>
    <message>
        <source> a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> im Jahr</translation>
    </message>
    <message>
        <source> and </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> und </translation>
    </message>
    <message>
        <source> and {count} more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> und {count} weitere</translation>
    </message>
    <message>
        <source> and {more} more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> und {more} weitere</translation>
    </message>
    <message>
        <source> and {rest} more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> und {rest} weitere</translation>
    </message>
    <message>
        <source> assumed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> angenommen</translation>
    </message>
    <message>
        <source> at any drift</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> bei jeder Abweichung</translation>
    </message>
    <message>
        <source> if the worst drift exceeds {gate}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> wenn die größte Abweichung über {gate} liegt</translation>
    </message>
    <message>
        <source> of</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> von</translation>
    </message>
    <message>
        <source> of its band</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> seines Bandes</translation>
    </message>
    <message>
        <source> of {coin}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> von {coin}</translation>
    </message>
    <message>
        <source> or </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> oder </translation>
    </message>
    <message>
        <source> over the test</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> über den Test</translation>
    </message>
    <message>
        <source> pp</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> PP</translation>
    </message>
    <message>
        <source> to {day}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> bis {day}</translation>
    </message>
    <message>
        <source> with the reason “{reason}”</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> mit dem Grund „{reason}“</translation>
    </message>
    <message>
        <source> {coins} cannot be sold ({why}) and go back as coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> {coins} können nicht verkauft werden ({why}) und kommen als Coins zurück.</translation>
    </message>
    <message>
        <source> {coins} cannot be sold ({why}) and goes back as coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> {coins} kann nicht verkauft werden ({why}) und kommt als Coin zurück.</translation>
    </message>
    <message>
        <source> {days} days were asked for, {used} are known.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> {days} Tage waren gefragt, {used} sind bekannt.</translation>
    </message>
    <message>
        <source> {must} must stay, the smallest legal investment for its weights.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> {must} müssen bleiben, der kleinste zulässige Anlagebetrag für diese Gewichte.</translation>
    </message>
    <message>
        <source> {named}: not known, {assumed} assumed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> {named}: nicht bekannt, {assumed} angenommen.</translation>
    </message>
    <message>
        <source> {name} then goes on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> {name} läuft dann weiter.</translation>
    </message>
    <message>
        <source> {which} the window too.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> {which} ebenfalls das Fenster.</translation>
    </message>
    <message>
        <source> {whose} a trigger, stop-loss or take-profit: nothing rests on the exchange, so these do not fire while the program is closed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation> {whose} einen Auslöser, Stop-Loss oder Take-Profit: An der Börse liegt nichts, darum greifen sie nicht, solange das Programm geschlossen ist.</translation>
    </message>
    <message>
        <source>% a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>% im Jahr</translation>
    </message>
    <message>
        <source>% over the whole test</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>% über den ganzen Test</translation>
    </message>
    <message>
        <source>%/yr</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>%/J.</translation>
    </message>
    <message numerus="yes">
        <source>%n pages have these words</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>%n Seite hat diese Wörter</numerusform><numerusform>%n Seiten haben diese Wörter</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n rows were copied.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>%n Zeile wurde kopiert.</numerusform><numerusform>%n Zeilen wurden kopiert.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n rows were written into {file}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>%n Zeile wurde in {file} geschrieben.</numerusform><numerusform>%n Zeilen wurden in {file} geschrieben.</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n settings were changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>%n Einstellung wurde geändert.</numerusform><numerusform>%n Einstellungen wurden geändert.</numerusform></translation>
    </message>
    <message>
        <source>+{count} more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>+{count} weitere</translation>
    </message>
    <message>
        <source>+{rest} more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>+{rest} weitere</translation>
    </message>
    <message>
        <source>, held coins included</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, mit den eingebrachten Coins</translation>
    </message>
    <message>
        <source>, over the threshold {limit}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, über der Schwelle {limit}</translation>
    </message>
    <message>
        <source>, since {utc_date}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, seit {utc_date}</translation>
    </message>
    <message>
        <source>, smallest drift {drifts} pp</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, kleinste Abweichung {drifts} PP</translation>
    </message>
    <message>
        <source>, threshold {limit}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, Schwelle {limit}</translation>
    </message>
    <message>
        <source>, worst drift {drift}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, größte Abweichung {drift}</translation>
    </message>
    <message>
        <source>, your rule</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, Ihre Regel</translation>
    </message>
    <message>
        <source>, yours</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, Ihre</translation>
    </message>
    <message>
        <source>, {shortfall} short</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>, {shortfall} fehlen</translation>
    </message>
    <message>
        <source>.{when}: it trades if the worst drift is then above {gate}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>.{when}: Gehandelt wird, wenn die größte Abweichung dann über {gate} liegt.</translation>
    </message>
    <message>
        <source>0.1 to 50 %; choose one or type your own. Auto: a band for each coin, as wide as its weight, the fees and the smallest order call for.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>0,1 bis 50 %; wählen Sie oder tippen Sie einen eigenen Wert. Auto: ein Band je Coin, so breit, wie Gewicht, Gebühren und kleinste Order es verlangen.</translation>
    </message>
    <message>
        <source>1 coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Coin</translation>
    </message>
    <message>
        <source>1 day</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Tag</translation>
    </message>
    <message>
        <source>1 day a second</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Tag je Sekunde</translation>
    </message>
    <message>
        <source>1 min to 90 d; choose one or type your own, such as 36 h.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 min bis 90 d; wählen Sie oder tippen Sie einen eigenen Wert, etwa 36 h.</translation>
    </message>
    <message>
        <source>1 row.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Zeile.</translation>
    </message>
    <message>
        <source>1 s to 1 h; choose one or type your own.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 s bis 1 h; wählen Sie oder tippen Sie einen eigenen Wert.</translation>
    </message>
    <message>
        <source>1 strategy has</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Strategie hat</translation>
    </message>
    <message>
        <source>1 strategy is</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Strategie läuft</translation>
    </message>
    <message>
        <source>1 x (real time)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 x (Echtzeit)</translation>
    </message>
    <message>
        <source>1 year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Jahr</translation>
    </message>
    <message>
        <source>2 to 10 coins, each with a target weight. The weights add up to exactly 100 %. The money that the strategy is funded in, such as USDT, is not one of them: to keep a cash share, add a dollar coin such as USDC.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>2 bis 10 Coins, jeder mit einem Zielgewicht. Die Gewichte ergeben genau 100 %. Das Geld, mit dem die Strategie bezahlt wird, etwa USDT, gehört nicht dazu: Um einen Anteil Bargeld zu halten, fügen Sie einen Dollar-Coin wie USDC hinzu.</translation>
    </message>
    <message>
        <source>: {count} of {count2}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>: {count} von {count2}</translation>
    </message>
    <message>
        <source>: {filled} for {small_money}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>: {filled} für {small_money}</translation>
    </message>
    <message>
        <source>; 1 coin skipped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>; 1 Coin ausgelassen</translation>
    </message>
    <message>
        <source>; {count} coins skipped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>; {count} Coins ausgelassen</translation>
    </message>
    <message>
        <source>; {rules} rules in {decimal} s</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>; {rules} Regeln in {decimal} s</translation>
    </message>
    <message>
        <source>A backup is checked and shown before anything is changed. Then the engine is stopped safely and the backup takes the place of what is stored; nothing is deleted. Accounts with real money go back to watch only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Sicherung wird geprüft und gezeigt, bevor etwas geändert wird. Dann hält das Programm sicher an, und die Sicherung tritt an die Stelle des Gespeicherten; nichts wird gelöscht. Konten mit echtem Geld beobachten danach wieder nur.</translation>
    </message>
    <message>
        <source>A band for each coin instead of one threshold for all: as wide as its weight, the fees and the smallest order that the exchange accepts call for.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Band je Coin statt eines Schwellenwerts für alle: so breit, wie Gewicht, Gebühren und die kleinste Order der Börse es verlangen.</translation>
    </message>
    <message>
        <source>A candle file of your own still works: choose “File…” under Candles.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine eigene Kerzendatei geht trotzdem: Wählen Sie „Datei…“ unter Kerzen.</translation>
    </message>
    <message>
        <source>A coin that is off its target by less cannot be traded: the order would be under the minimum. {coins} pp.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Coin, der weniger von seinem Ziel abweicht, kann nicht gehandelt werden: Die Order läge unter dem Minimum. {coins} PP.</translation>
    </message>
    <message>
        <source>A coin's present weight minus its target weight, in percentage points (pp) of the whole portfolio. A coin that should be 40 % and is 43.11 % has a drift of +3.11. The worst drift of all coins decides.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das jetzige Gewicht eines Coins minus sein Zielgewicht, in Prozentpunkten (PP) des ganzen Portfolios. Ein Coin, der 40 % haben soll und 43,11 % hat, weicht um +3,11 ab. Die größte Abweichung aller Coins entscheidet.</translation>
    </message>
    <message>
        <source>A key is kept in {PLACES}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Schlüssel liegt in: {PLACES}.</translation>
    </message>
    <message>
        <source>A name has letters and digits only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Name besteht nur aus Buchstaben und Ziffern.</translation>
    </message>
    <message>
        <source>A new ledger begins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein neues Kontobuch beginnt</translation>
    </message>
    <message>
        <source>A new paper account with fresh play money, at the date where the replay begins. The engine is stopped safely before anything is moved, and started again afterwards; if the account cannot be moved, everything stays as it is.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein neues Übungskonto mit frischem Spielgeld, an dem Tag, an dem die Wiedergabe beginnt. Das Programm hält vorher sicher an und startet danach wieder; lässt sich das Konto nicht verschieben, bleibt alles, wie es ist.</translation>
    </message>
    <message>
        <source>A passphrase that is lost cannot be got back: then new keys have to be made.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine verlorene Passphrase lässt sich nicht wiederherstellen: Dann müssen neue Schlüssel erzeugt werden.</translation>
    </message>
    <message>
        <source>A picture of weights</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Bild von Gewichten</translation>
    </message>
    <message>
        <source>A real account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein echtes Konto</translation>
    </message>
    <message>
        <source>A rebalance is sent as soon as its rule triggers and no safety rail is against it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Rebalancing wird gesendet, sobald seine Regel auslöst und keine Sicherheitsgrenze dagegen steht.</translation>
    </message>
    <message>
        <source>A rebalance starts at the next good prices.{replay_hint}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Rebalancing beginnt bei den nächsten guten Preisen.{replay_hint}</translation>
    </message>
    <message>
        <source>A rule can be tested once every field can be read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Regel kann getestet werden, sobald jedes Feld lesbar ist.</translation>
    </message>
    <message>
        <source>A safety rail may delay or forbid what a rule triggers; it never makes anything trade more. Stop-loss, take-profit and Stop are exits.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Sicherheitsgrenze kann verzögern oder verbieten, was eine Regel auslöst; sie lässt nie mehr handeln. Stop-Loss, Take-Profit und Beenden sind Ausstiege.</translation>
    </message>
    <message>
        <source>A safety rail: whatever a rule wants, no order is larger.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Sicherheitsgrenze: Was immer eine Regel will, keine Order ist größer.</translation>
    </message>
    <message>
        <source>A strategy holds at most {MAX_COINS} coins: take one out first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Strategie hält höchstens {MAX_COINS} Coins: Nehmen Sie erst einen heraus.</translation>
    </message>
    <message>
        <source>A strategy in a file</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Strategie in einer Datei</translation>
    </message>
    <message>
        <source>A strategy needs at least {MIN_COINS} coins: replace what does not trade instead.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Strategie braucht mindestens {MIN_COINS} Coins: Ersetzen Sie stattdessen, was nicht handelbar ist.</translation>
    </message>
    <message>
        <source>A wide threshold of your own costs less.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein eigener, weiterer Schwellenwert kostet weniger.</translation>
    </message>
    <message>
        <source>A year costs</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Jahr kostet</translation>
    </message>
    <message>
        <source>AI Rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>KI-Rebalancing</translation>
    </message>
    <message>
        <source>API key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>API-Schlüssel</translation>
    </message>
    <message>
        <source>About {back} go to the free pool, after fees of about {fee}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Etwa {back} gehen in den freien Bestand, nach Gebühren von etwa {fee}.</translation>
    </message>
    <message>
        <source>Account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Konto</translation>
    </message>
    <message>
        <source>Accounts</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Konten</translation>
    </message>
    <message>
        <source>Accounts that wait are tried again now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wartende Konten werden jetzt erneut versucht.</translation>
    </message>
    <message>
        <source>Accounts that wait for their key or their exchange are tried at once.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Konten, die auf ihren Schlüssel oder ihre Börse warten, werden sofort versucht.</translation>
    </message>
    <message>
        <source>Accounts…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Konten…</translation>
    </message>
    <message>
        <source>Add</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Add 1 coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Coin hinzufügen</translation>
    </message>
    <message>
        <source>Add a channel</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einen Kanal hinzufügen</translation>
    </message>
    <message>
        <source>Add an account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Konto hinzufügen</translation>
    </message>
    <message>
        <source>Add an account…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Konto hinzufügen…</translation>
    </message>
    <message>
        <source>Add channel</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kanal hinzufügen</translation>
    </message>
    <message>
        <source>Add coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins hinzufügen</translation>
    </message>
    <message>
        <source>Add coins</source>
        <comment>button</comment>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Add coins first: there is nothing to test yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Fügen Sie zuerst Coins hinzu: Es gibt noch nichts zu testen.</translation>
    </message>
    <message>
        <source>Add coins: {have}, a strategy holds {MIN_COINS} to {MAX_COINS}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Fügen Sie Coins hinzu: {have}, eine Strategie hält {MIN_COINS} bis {MAX_COINS}.</translation>
    </message>
    <message>
        <source>Add funds</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aufstocken</translation>
    </message>
    <message>
        <source>Add funds - {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aufstocken - {name}</translation>
    </message>
    <message>
        <source>Add {MIN_COINS} to {MAX_COINS} coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Fügen Sie {MIN_COINS} bis {MAX_COINS} Coins hinzu.</translation>
    </message>
    <message>
        <source>Add {amount}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{amount} hinzufügen</translation>
    </message>
    <message>
        <source>Add {count} coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Coins hinzufügen</translation>
    </message>
    <message>
        <source>Added</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hinzugefügt</translation>
    </message>
    <message>
        <source>Adding…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wird hinzugefügt…</translation>
    </message>
    <message>
        <source>Address</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Adopt the chosen order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die gewählte Order übernehmen</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erweitert</translation>
    </message>
    <message>
        <source>After</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Danach</translation>
    </message>
    <message>
        <source>After %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Danach %</translation>
    </message>
    <message>
        <source>Afterwards</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Danach</translation>
    </message>
    <message>
        <source>All</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle</translation>
    </message>
    <message>
        <source>All accounts</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle Konten</translation>
    </message>
    <message>
        <source>All its files of before are kept together in {place}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle seine früheren Dateien liegen zusammen in {place}.</translation>
    </message>
    <message>
        <source>All strategies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle Strategien</translation>
    </message>
    <message>
        <source>All time</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gesamte Zeit</translation>
    </message>
    <message>
        <source>All together</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles zusammen</translation>
    </message>
    <message>
        <source>All {count} strategies that are not over</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle {count} Strategien, die nicht beendet sind</translation>
    </message>
    <message>
        <source>Allowed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erlaubt</translation>
    </message>
    <message>
        <source>Also: {levels}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auch: {levels}</translation>
    </message>
    <message>
        <source>Amount</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Betrag</translation>
    </message>
    <message>
        <source>Amount to add</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Betrag, der dazukommt</translation>
    </message>
    <message>
        <source>Amount to remove</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Betrag, der entnommen wird</translation>
    </message>
    <message>
        <source>Amount: </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Betrag: </translation>
    </message>
    <message>
        <source>An Apprise address, such as ntfys://TOPIC, tgram://TOKEN/CHAT or mailtos://USER:PASSWORD@HOST. It holds a token or a password, so it is kept like a key and never shown.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Apprise-Adresse, etwa ntfys://TOPIC, tgram://TOKEN/CHAT oder mailtos://USER:PASSWORD@HOST. Sie enthält ein Token oder ein Passwort, wird darum wie ein Schlüssel aufbewahrt und nie angezeigt.</translation>
    </message>
    <message>
        <source>An account at an exchange on watch only: plans are shown, nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Konto an einer Börse, das nur beobachtet: Pläne werden gezeigt, nichts wird gesendet.</translation>
    </message>
    <message>
        <source>An order is yours to decide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über eine Order müssen Sie entscheiden</translation>
    </message>
    <message>
        <source>An order of it is yours to decide: look at the details</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über eine ihrer Orders müssen Sie entscheiden: Sehen Sie die Einzelheiten an</translation>
    </message>
    <message>
        <source>An order to decide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Order zu entscheiden</translation>
    </message>
    <message>
        <source>Annualised</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aufs Jahr gerechnet</translation>
    </message>
    <message>
        <source>Annualised: shown from {LEAST_DAYS} whole days on{so_far}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aufs Jahr gerechnet: gezeigt ab {LEAST_DAYS} ganzen Tagen{so_far}.</translation>
    </message>
    <message>
        <source>Another interval starts a new time grid, from now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein anderes Intervall beginnt ein neues Zeitraster, ab jetzt.</translation>
    </message>
    <message>
        <source>Another key - {record}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anderer Schlüssel - {record}</translation>
    </message>
    <message>
        <source>Another key for {record}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anderer Schlüssel für {record}</translation>
    </message>
    <message>
        <source>Another key was put in since, so nothing of it is sent. When the test finds nothing against that key, it goes on: what was bought is sold back.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Inzwischen wurde ein anderer Schlüssel eingesetzt, darum wird nichts davon gesendet. Findet der Test nichts gegen diesen Schlüssel, geht es weiter: Was gekauft wurde, wird zurückverkauft.</translation>
    </message>
    <message>
        <source>Another key was put in: it goes on after a test of the connection. Nothing is sent until then.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein anderer Schlüssel wurde eingesetzt: Es geht nach einem Test der Verbindung weiter. Bis dahin wird nichts gesendet.</translation>
    </message>
    <message>
        <source>Another key…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anderer Schlüssel…</translation>
    </message>
    <message>
        <source>Any</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Any coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jeder Coin</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Apprise ntfy Telegram mail e-mail phone address</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Apprise ntfy Telegram Mail E-Mail Telefon Handy Adresse</translation>
    </message>
    <message>
        <source>Approve</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Genehmigen</translation>
    </message>
    <message>
        <source>Approve each rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jedes Rebalancing genehmigen</translation>
    </message>
    <message>
        <source>Approve?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Genehmigen?</translation>
    </message>
    <message>
        <source>Approved: its orders are being sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Genehmigt: Die Orders werden gesendet.</translation>
    </message>
    <message>
        <source>Apr</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Apr.</translation>
    </message>
    <message>
        <source>As if the exchange did it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Als täte es die Börse</translation>
    </message>
    <message>
        <source>As they are now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie sie jetzt sind</translation>
    </message>
    <message>
        <source>Ask again</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erneut fragen</translation>
    </message>
    <message>
        <source>Asset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Asset</translation>
    </message>
    <message>
        <source>Asset to move</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was bewegt wird</translation>
    </message>
    <message>
        <source>At 50/50</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bei 50/50</translation>
    </message>
    <message>
        <source>At each tick it trades only if the worst drift exceeds this. 0: any drift.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu jedem Zeitpunkt wird nur gehandelt, wenn die größte Abweichung darüber liegt. 0: bei jeder Abweichung.</translation>
    </message>
    <message>
        <source>At most {most} can be removed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Höchstens {most} können entnommen werden</translation>
    </message>
    <message>
        <source>At most {most} can be removed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Höchstens {most} können entnommen werden.</translation>
    </message>
    <message>
        <source>At {called}, in its management of API keys, give the key spot trading, then press Check again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie dem Schlüssel bei {called}, in der Verwaltung der API-Schlüssel, den Spot-Handel; drücken Sie dann Erneut prüfen.</translation>
    </message>
    <message>
        <source>At {limit} they stay under {dear}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bei {limit} bleiben sie unter {dear}.</translation>
    </message>
    <message>
        <source>Aug</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aug.</translation>
    </message>
    <message>
        <source>Auto</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auto</translation>
    </message>
    <message>
        <source>Auto band has no place in the map</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Auto-Band hat keinen Platz in der Karte</translation>
    </message>
    <message>
        <source>Auto gives each coin a band of its own in place of the threshold: 5 points or a quarter of its weight, whichever is less, yet never so narrow that a trade costs more than it mends, nor narrower than 1.2 smallest orders. The coin that leaves its band first counts.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auto gibt jedem Coin ein eigenes Band statt des Schwellenwerts: 5 Punkte oder ein Viertel seines Gewichts, was kleiner ist, doch nie so eng, dass ein Handel mehr kostet als er nützt, und nicht enger als 1,2 kleinste Orders. Es zählt der Coin, der sein Band zuerst verlässt.</translation>
    </message>
    <message>
        <source>Auto rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancing</translation>
    </message>
    <message>
        <source>Auto threshold</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auto-Schwellenwert</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Average</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ø Preis</translation>
    </message>
    <message>
        <source>Average cost</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Durchschnittskosten</translation>
    </message>
    <message>
        <source>Average cost of all</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Durchschnittskosten aller</translation>
    </message>
    <message>
        <source>Average price of its trades</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Durchschnittspreis seiner Ausführungen</translation>
    </message>
    <message>
        <source>Average price paid for {asset}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Durchschnittlich bezahlter Preis für {asset}</translation>
    </message>
    <message>
        <source>Avg. cost</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ø Kosten</translation>
    </message>
    <message>
        <source>Avg. cost, {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ø Kosten, {quote}</translation>
    </message>
    <message>
        <source>BNB paid</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>BNB bezahlt</translation>
    </message>
    <message>
        <source>Back</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Back (Alt+Left)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zurück (Alt+Links)</translation>
    </message>
    <message>
        <source>Back to the default</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zurück zum Standardwert</translation>
    </message>
    <message>
        <source>Back to the target weights now (F5)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt zurück zu den Zielgewichten (F5)</translation>
    </message>
    <message>
        <source>Back up everything</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles sichern</translation>
    </message>
    <message>
        <source>Back up…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sichern…</translation>
    </message>
    <message>
        <source>Backtest on</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Backtest über</translation>
    </message>
    <message>
        <source>Backup of everything</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sicherung von allem</translation>
    </message>
    <message>
        <source>Backups (*.zip)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sicherungen (*.zip)</translation>
    </message>
    <message>
        <source>Balances</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Guthaben</translation>
    </message>
    <message>
        <source>Band of each coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Band jedes Coins</translation>
    </message>
    <message>
        <source>Before %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vorher %</translation>
    </message>
    <message>
        <source>Before and after</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vorher und danach</translation>
    </message>
    <message>
        <source>Before, {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vorher, {quote}</translation>
    </message>
    <message>
        <source>Begin anew</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Neu beginnen</translation>
    </message>
    <message>
        <source>Begin anew; you are asked first, and a backup is kept</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Neu beginnen; Sie werden vorher gefragt, und eine Sicherung bleibt</translation>
    </message>
    <message>
        <source>Begin the paper account anew?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Übungskonto neu beginnen?</translation>
    </message>
    <message>
        <source>Best</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bester</translation>
    </message>
    <message>
        <source>Best coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bester Coin</translation>
    </message>
    <message>
        <source>Best coin, {best_asset}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bester Coin, {best_asset}</translation>
    </message>
    <message>
        <source>Best coin, {best}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bester Coin, {best}</translation>
    </message>
    <message>
        <source>Best, {best}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bester, {best}</translation>
    </message>
    <message>
        <source>Blocked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gesperrt</translation>
    </message>
    <message>
        <source>Book the loss</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verlust buchen</translation>
    </message>
    <message>
        <source>Book the loss…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verlust buchen…</translation>
    </message>
    <message>
        <source>Book the trades of the chosen order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Ausführungen der gewählten Order buchen</translation>
    </message>
    <message>
        <source>Book what order {venue_order_id} traded as trades of {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Buchen, was Order {venue_order_id} gehandelt hat, als Ausführungen von {name}</translation>
    </message>
    <message>
        <source>Book {what} as gone?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{what} als verschwunden buchen?</translation>
    </message>
    <message>
        <source>Booked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebucht</translation>
    </message>
    <message>
        <source>Booked: {coins} bought for {name} and {paid} paid for them.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebucht: {coins} für {name} gekauft und {paid} dafür bezahlt.</translation>
    </message>
    <message>
        <source>Booked: {coins} of {name} sold, and {paid} received for them.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebucht: {coins} von {name} verkauft und {paid} dafür erhalten.</translation>
    </message>
    <message>
        <source>Bought</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gekauft</translation>
    </message>
    <message>
        <source>Bought once, at no cost</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einmal gekauft, ohne Kosten</translation>
    </message>
    <message>
        <source>Bought, the sale comes next: step 2 of 3.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gekauft, der Verkauf kommt als Nächstes: Schritt 2 von 3.</translation>
    </message>
    <message>
        <source>Bring play money in</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spielgeld einbringen</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Durchsuchen…</translation>
    </message>
    <message>
        <source>Build</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aufbauen</translation>
    </message>
    <message>
        <source>Build nothing now, start at the next trigger</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt nichts aufbauen, beim nächsten Auslösen beginnen</translation>
    </message>
    <message>
        <source>Build your own</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eigene zusammenstellen</translation>
    </message>
    <message>
        <source>Buy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kaufen</translation>
    </message>
    <message>
        <source>Buy and sell back</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kaufen und zurückverkaufen</translation>
    </message>
    <message>
        <source>Buy and sell back for about {cost}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für etwa {cost} kaufen und zurückverkaufen</translation>
    </message>
    <message>
        <source>Buy {partition} and sell it back, with {money}?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{partition} kaufen und wieder verkaufen, mit {money}?</translation>
    </message>
    <message>
        <source>Buying: step 1 of 3.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kauf: Schritt 1 von 3.</translation>
    </message>
    <message>
        <source>Buys</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Käufe</translation>
    </message>
    <message>
        <source>By auto band, checked every {check_period}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Auto-Band, geprüft alle {check_period}</translation>
    </message>
    <message>
        <source>By coin ratio</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Anteil</translation>
    </message>
    <message>
        <source>By coin ratio {threshold}, checked every {check_period}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Anteil {threshold}, geprüft alle {check_period}</translation>
    </message>
    <message>
        <source>By coin ratio, the portfolio is traded back to its weights as soon as the worst drift is above this many percentage points. Small thresholds trade often and pay more fees; large ones let the weights run.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Anteil wird das Portfolio auf seine Gewichte zurückgehandelt, sobald die größte Abweichung über so vielen Prozentpunkten liegt. Kleine Schwellenwerte handeln oft und kosten mehr Gebühren; große lassen die Gewichte laufen.</translation>
    </message>
    <message>
        <source>By coin ratio: looked at on every candle.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Anteil: an jeder Kerze geprüft.</translation>
    </message>
    <message>
        <source>By its price another coin than the one whose market cap is known, so left out: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach seinem Preis ein anderer Coin als der, dessen Marktkapitalisierung bekannt ist, darum ausgelassen: {names}.</translation>
    </message>
    <message>
        <source>By market cap</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Marktkap.</translation>
    </message>
    <message>
        <source>By market cap, worked out anew each day</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Marktkapitalisierung, jeden Tag neu berechnet</translation>
    </message>
    <message>
        <source>By the square root of the market cap, anew each day</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach der Wurzel der Marktkapitalisierung, jeden Tag neu</translation>
    </message>
    <message>
        <source>By time</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Zeit</translation>
    </message>
    <message>
        <source>By time, a step at which the worst drift is not above this trades nothing. Binance uses 0.5 % without showing it. At 0 every drift is traded.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Zeit wird an einem Zeitpunkt, an dem die größte Abweichung nicht darüber liegt, nichts gehandelt. Binance verwendet 0,5 %, ohne es zu zeigen. Bei 0 wird jede Abweichung gehandelt.</translation>
    </message>
    <message>
        <source>By time, every {interval}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Zeit, alle {interval}</translation>
    </message>
    <message>
        <source>By time, the portfolio is looked at in fixed steps from its start, and traded back if the worst drift is above the gate. A step that was missed because the program was closed is caught up once.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Zeit wird das Portfolio von seinem Beginn an in festen Schritten geprüft und zurückgehandelt, wenn die größte Abweichung über der Mindestabweichung liegt. Ein Schritt, der ausfiel, weil das Programm geschlossen war, wird einmal nachgeholt.</translation>
    </message>
    <message>
        <source>By time, the rebalances a year are the ticks times the chance that the drift exceeds the gate; a drift that the gate lets pass is kept until the next tick.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Zeit sind die Rebalancings im Jahr die Zeitpunkte mal der Wahrscheinlichkeit, dass die Abweichung über der Mindestabweichung liegt; eine Abweichung darunter bleibt bis zum nächsten Zeitpunkt.</translation>
    </message>
    <message>
        <source>By time: looked at every {interval}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Zeit: geprüft alle {interval}.</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel the trigger</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auslöser aufheben</translation>
    </message>
    <message>
        <source>Cancel the trigger of {name}?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Den Auslöser von {name} aufheben?</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Storniert</translation>
    </message>
    <message>
        <source>Cancelled. Candles that were loaded are kept.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Abgebrochen. Geladene Kerzen bleiben erhalten.</translation>
    </message>
    <message>
        <source>Candles</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen</translation>
    </message>
    <message>
        <source>Candles (*.csv);;All files (*)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen (*.csv);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Candles are being loaded{of}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen werden geladen{of}</translation>
    </message>
    <message>
        <source>Candles from files</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen aus Dateien</translation>
    </message>
    <message>
        <source>Candles from {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen aus {names}</translation>
    </message>
    <message>
        <source>Candles that were loaded before still work too, and on the demo account its daily prices.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Früher geladene Kerzen gehen weiterhin, und auf dem Demokonto seine Tagespreise.</translation>
    </message>
    <message>
        <source>Candles: {source}. They close from {first} to {last}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kerzen: {source}. Sie schließen von {first} bis {last}.</translation>
    </message>
    <message>
        <source>Cannot be checked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht prüfbar</translation>
    </message>
    <message>
        <source>Cannot be checked: {listed}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht prüfbar: {listed}.</translation>
    </message>
    <message>
        <source>Category {category}, list of {day}: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kategorie {category}, Liste vom {day}: {names}.</translation>
    </message>
    <message numerus="yes">
        <source>Change %n settings?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>%n Einstellung ändern?</numerusform><numerusform>%n Einstellungen ändern?</numerusform></translation>
    </message>
    <message>
        <source>Change coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins ändern</translation>
    </message>
    <message>
        <source>Change coins - {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins ändern - {name}</translation>
    </message>
    <message>
        <source>Change coins, weights and rule before you create.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ändern Sie Coins, Gewichte und Regel, bevor Sie anlegen.</translation>
    </message>
    <message>
        <source>Changed: it starts with these coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geändert: Sie beginnt mit diesen Coins.</translation>
    </message>
    <message>
        <source>Changed: the portfolio is brought to its new weights after Resume.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geändert: Das Portfolio kommt nach dem Fortsetzen auf seine neuen Gewichte.</translation>
    </message>
    <message>
        <source>Changes</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Änderungen</translation>
    </message>
    <message>
        <source>Changing…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wird geändert…</translation>
    </message>
    <message>
        <source>Chart</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diagramm</translation>
    </message>
    <message>
        <source>Chart as numbers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diagramm als Zahlen</translation>
    </message>
    <message>
        <source>Check again</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erneut prüfen</translation>
    </message>
    <message>
        <source>Check every</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Prüfen alle</translation>
    </message>
    <message>
        <source>Checking</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Prüft</translation>
    </message>
    <message>
        <source>Checking an order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Prüft eine Order</translation>
    </message>
    <message>
        <source>Choose a card first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie zuerst eine Karte.</translation>
    </message>
    <message>
        <source>Choose a coin of the list first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie zuerst einen Coin der Liste.</translation>
    </message>
    <message>
        <source>Choose a file.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie eine Datei.</translation>
    </message>
    <message>
        <source>Choose a passphrase below for a locked file; without one the key is kept until the program ends.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie unten eine Passphrase für eine verschlossene Datei; ohne sie wird der Schlüssel behalten, bis das Programm endet.</translation>
    </message>
    <message>
        <source>Choose a strategy above.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie oben eine Strategie.</translation>
    </message>
    <message>
        <source>Choose an asset of the list first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie zuerst einen Wert der Liste.</translation>
    </message>
    <message>
        <source>Choose an exchange from the list.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie eine Börse aus der Liste.</translation>
    </message>
    <message>
        <source>Choose an order of the exchange in the table above.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie in der Tabelle oben eine Order der Börse.</translation>
    </message>
    <message>
        <source>Choose coins and weights; Rebalancer keeps them there</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie Coins und Gewichte; Rebalancer hält sie dort</translation>
    </message>
    <message>
        <source>Choose “From … to …” to set days of your own.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wählen Sie „Von … bis …“ für eigene Tage.</translation>
    </message>
    <message>
        <source>Clock</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Uhr</translation>
    </message>
    <message>
        <source>Close</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close this and look at its details.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schließen Sie dies und sehen Sie die Einzelheiten an.</translation>
    </message>
    <message>
        <source>Coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coin</translation>
    </message>
    <message>
        <source>CoinGecko demo key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>CoinGecko-Demoschlüssel</translation>
    </message>
    <message>
        <source>CoinGecko key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>CoinGecko-Schlüssel</translation>
    </message>
    <message>
        <source>Coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins</translation>
    </message>
    <message>
        <source>Coins and weights</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins und Gewichte</translation>
    </message>
    <message>
        <source>Coins of the free pool go into the strategy as they are: only the difference to the target weights is traded.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins des freien Bestands gehen in die Strategie, wie sie sind: Nur der Unterschied zu den Zielgewichten wird gehandelt.</translation>
    </message>
    <message>
        <source>Coins that trade on this account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins, die auf diesem Konto handelbar sind</translation>
    </message>
    <message>
        <source>Coins, weights, rule and what happens at the end are kept. It stands among the cards of AI Rebalance, on every account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins, Gewichte, Regel und was am Ende geschieht, bleiben erhalten. Die Karte steht bei KI-Rebalancing, auf jedem Konto.</translation>
    </message>
    <message>
        <source>Coins: {coins}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins: {coins}</translation>
    </message>
    <message>
        <source>Colours</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Columns…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spalten…</translation>
    </message>
    <message>
        <source>Connect an account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Konto verbinden</translation>
    </message>
    <message>
        <source>Connection</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>Contents</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Inhalt</translation>
    </message>
    <message>
        <source>Contents of the user guide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Inhalt der Anleitung</translation>
    </message>
    <message>
        <source>Copied.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kopiert.</translation>
    </message>
    <message>
        <source>Copies the strategy with this rule into the Manual form; nothing is created by that.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kopiert die Strategie mit dieser Regel in das Formular Manuell; dadurch wird nichts angelegt.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy parameters to
Manual settings</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Manuell
kopieren</translation>
    </message>
    <message>
        <source>Copy support report</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Supportbericht kopieren</translation>
    </message>
    <message>
        <source>Copy the chosen rows, or all</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die gewählten Zeilen kopieren, oder alle</translation>
    </message>
    <message>
        <source>Copy {title}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title} kopieren</translation>
    </message>
    <message>
        <source>Cost</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kosten</translation>
    </message>
    <message>
        <source>Cost basis: every coin sold, with its cost and gain</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kostenbasis: jeder verkaufte Coin, mit Kosten und Gewinn</translation>
    </message>
    <message>
        <source>Create</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anlegen</translation>
    </message>
    <message>
        <source>Create with {coins}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anlegen mit {coins}</translation>
    </message>
    <message>
        <source>Create with {money}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anlegen mit {money}</translation>
    </message>
    <message>
        <source>Create with {money} and {coins}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anlegen mit {money} und {coins}</translation>
    </message>
    <message>
        <source>Create {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} anlegen</translation>
    </message>
    <message>
        <source>Creating…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wird angelegt…</translation>
    </message>
    <message>
        <source>Ctrl+R</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ctrl+R</translation>
    </message>
    <message>
        <source>Current</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aktuell</translation>
    </message>
    <message>
        <source>Current %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aktuell %</translation>
    </message>
    <message>
        <source>Current weights</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aktuelle Gewichte</translation>
    </message>
    <message>
        <source>Custom</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eigene</translation>
    </message>
    <message>
        <source>Data</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Data provided by </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Daten von </translation>
    </message>
    <message>
        <source>Data provided by CoinGecko (coingecko.com) and CoinPaprika (coinpaprika.com).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Daten von CoinGecko (coingecko.com) und CoinPaprika (coinpaprika.com).</translation>
    </message>
    <message>
        <source>Dec</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dez.</translation>
    </message>
    <message>
        <source>Decide later</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Später entscheiden</translation>
    </message>
    <message>
        <source>Decisions</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Entscheidungen</translation>
    </message>
    <message>
        <source>Default: {value}. Legal: {low} to {high}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Standard: {value}. Zulässig: {low} bis {high}.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Delete the preset {card}?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Vorlage {card} löschen?</translation>
    </message>
    <message>
        <source>Delete this preset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Vorlage löschen</translation>
    </message>
    <message>
        <source>Delist it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vom Handel nehmen</translation>
    </message>
    <message>
        <source>Demo key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Demoschlüssel</translation>
    </message>
    <message>
        <source>Demo trading (play money of the exchange)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Demohandel (Spielgeld der Börse)</translation>
    </message>
    <message>
        <source>Deposit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einzahlen</translation>
    </message>
    <message>
        <source>Deposit it again and press Resume; or book the loss: then press Resume, and it goes on with what is left.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zahlen Sie den Betrag wieder ein und drücken Sie Fortsetzen; oder buchen Sie den Verlust: Drücken Sie dann Fortsetzen, und sie läuft mit dem Rest weiter.</translation>
    </message>
    <message>
        <source>Deposit it again…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wieder einzahlen…</translation>
    </message>
    <message>
        <source>Deposits</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einzahlungen</translation>
    </message>
    <message>
        <source>Details of the strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einzelheiten der Strategie</translation>
    </message>
    <message>
        <source>Done</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Drawdown</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Drawdown</translation>
    </message>
    <message>
        <source>Drift</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Abweichung</translation>
    </message>
    <message>
        <source>Drift, pp</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Abw., PP</translation>
    </message>
    <message>
        <source>Drift, pp{part}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Abw., PP{part}</translation>
    </message>
    <message>
        <source>Drop and redistribute</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Weglassen und umverteilen</translation>
    </message>
    <message>
        <source>Drop at most {count} files at a time.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Legen Sie höchstens {count} Dateien auf einmal ab.</translation>
    </message>
    <message>
        <source>Drop it and share its weight</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Weglassen und aufteilen</translation>
    </message>
    <message>
        <source>Drop strategy files to look at them</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Legen Sie Strategiedateien ab, um sie anzusehen</translation>
    </message>
    <message>
        <source>Drop them and share their weight</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Weglassen und aufteilen</translation>
    </message>
    <message>
        <source>Drop {count} coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Coins weglassen</translation>
    </message>
    <message>
        <source>Drop {dropped}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{dropped} weglassen</translation>
    </message>
    <message>
        <source>Drop {names}; the others share the weight in their proportions.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} weglassen; die anderen teilen sich das Gewicht im Verhältnis.</translation>
    </message>
    <message>
        <source>Duplicate strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Strategie duplizieren</translation>
    </message>
    <message>
        <source>Edit rule</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Regel bearbeiten</translation>
    </message>
    <message>
        <source>Edit rule and levels…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Regel und Marken bearbeiten…</translation>
    </message>
    <message>
        <source>Edit rule, levels and name (Ctrl+E)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Regel, Marken und Name bearbeiten (Strg+E)</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} bearbeiten</translation>
    </message>
    <message>
        <source>Effect: {EFFECTS}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wirkung: {EFFECTS}.</translation>
    </message>
    <message>
        <source>Empty the field</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Feld leeren</translation>
    </message>
    <message>
        <source>Empty: it starts at once.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Leer: Sie beginnt sofort.</translation>
    </message>
    <message>
        <source>Empty: no stop-loss. A loss is written with a minus.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Leer: kein Stop-Loss. Ein Verlust wird mit Minus geschrieben.</translation>
    </message>
    <message>
        <source>Empty: no take-profit.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Leer: kein Take-Profit.</translation>
    </message>
    <message>
        <source>End</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ende</translation>
    </message>
    <message>
        <source>End all strategies of this account and begin anew</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle Strategien dieses Kontos beenden und neu beginnen</translation>
    </message>
    <message>
        <source>Ended</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>Ended.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beendet.</translation>
    </message>
    <message>
        <source>Ended: {reason}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beendet: {reason}</translation>
    </message>
    <message>
        <source>Ended: {reason}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beendet: {reason}.</translation>
    </message>
    <message>
        <source>Ends it when {words}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beendet sie, wenn {words}.</translation>
    </message>
    <message>
        <source>Ends the strategy when the price of a symbol, or the strategy's own return, falls to this. This program watches it; nothing rests on the exchange. While the program is closed it does not fire.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beendet die Strategie, wenn der Preis eines Symbols oder ihre eigene Rendite darauf fällt. Das Programm beobachtet es; an der Börse liegt nichts. Solange das Programm geschlossen ist, greift es nicht.</translation>
    </message>
    <message>
        <source>Ends the strategy when the price of a symbol, or the strategy's own return, rises to this. This program watches it; nothing rests on the exchange. While the program is closed it does not fire.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beendet die Strategie, wenn der Preis eines Symbols oder ihre eigene Rendite darauf steigt. Das Programm beobachtet es; an der Börse liegt nichts. Solange das Programm geschlossen ist, greift es nicht.</translation>
    </message>
    <message>
        <source>End…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beenden…</translation>
    </message>
    <message>
        <source>Enough for {coins} coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Genug für {coins} Coins</translation>
    </message>
    <message>
        <source>Enter a number.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie eine Zahl ein.</translation>
    </message>
    <message>
        <source>Environment</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Umgebung</translation>
    </message>
    <message>
        <source>Equal</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gleich</translation>
    </message>
    <message>
        <source>Equal skipped attempts in a row</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gleich ausgelassene Versuche in Folge</translation>
    </message>
    <message>
        <source>Equal weights.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gleiche Gewichte.</translation>
    </message>
    <message>
        <source>Errors only</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur Fehler</translation>
    </message>
    <message>
        <source>Estimated from</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geschätzt aus</translation>
    </message>
    <message>
        <source>Estimated from the moves of {days} days{old}, {side}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geschätzt aus den Bewegungen von {days} Tagen{old}, {side}.</translation>
    </message>
    <message>
        <source>Estimated with {assumed} a year, {why}; {side}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geschätzt mit {assumed} im Jahr, {why}; {side}.</translation>
    </message>
    <message>
        <source>Every</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Every market is open.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jeder Markt ist offen.</translation>
    </message>
    <message>
        <source>Every order was filled.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jede Order wurde ausgeführt.</translation>
    </message>
    <message>
        <source>Every rail has its default.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jede Sicherheitsgrenze hat ihren Standardwert.</translation>
    </message>
    <message>
        <source>Every rail to its default</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jede Sicherheitsgrenze auf ihren Standardwert</translation>
    </message>
    <message>
        <source>Every rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jedes Rebalancing</translation>
    </message>
    <message>
        <source>Every strategy goes back into the state it had before Stop all, and may send orders at its next check.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jede Strategie kehrt in den Zustand vor Alles stoppen zurück und darf bei ihrer nächsten Prüfung Orders senden.</translation>
    </message>
    <message>
        <source>Every trade is at a candle's close, with fee, half spread and the market's step and minimum. What the past did says little about what comes.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jeder Handel erfolgt zum Schlusskurs einer Kerze, mit Gebühr, halbem Spread und Schrittweite und Minimum des Marktes. Was früher geschah, sagt wenig über das, was kommt.</translation>
    </message>
    <message>
        <source>Every trade…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jeder Handel…</translation>
    </message>
    <message>
        <source>Everything</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles</translation>
    </message>
    <message>
        <source>Everything is as it was before. {why}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles ist wie zuvor. {why}</translation>
    </message>
    <message>
        <source>Everything is as it was before; start the program again. {why}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles ist wie zuvor; starten Sie das Programm neu. {why}</translation>
    </message>
    <message>
        <source>Everything is as the file says already.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles ist schon so, wie die Datei sagt.</translation>
    </message>
    <message>
        <source>Everything is shown already.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles wird schon gezeigt.</translation>
    </message>
    <message>
        <source>Everything is stored in {folder}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles ist in {folder} gespeichert.</translation>
    </message>
    <message>
        <source>Everything that was put in</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles, was eingebracht wurde</translation>
    </message>
    <message>
        <source>Everything that was put in, {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles, was eingebracht wurde, {quote}</translation>
    </message>
    <message>
        <source>Exact</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Genau</translation>
    </message>
    <message>
        <source>Exchange</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Börse</translation>
    </message>
    <message>
        <source>Exchange order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Order der Börse</translation>
    </message>
    <message>
        <source>Exchange: {called}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Börse: {called}</translation>
    </message>
    <message>
        <source>Exits are exempt.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausstiege sind ausgenommen.</translation>
    </message>
    <message>
        <source>Expired</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Abgelaufen</translation>
    </message>
    <message>
        <source>Export</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Export CSV</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>CSV exportieren</translation>
    </message>
    <message>
        <source>Export CSV…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>CSV exportieren…</translation>
    </message>
    <message>
        <source>Export records</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aufzeichnungen exportieren</translation>
    </message>
    <message>
        <source>Export settings</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einstellungen exportieren</translation>
    </message>
    <message>
        <source>Export strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Strategie exportieren</translation>
    </message>
    <message>
        <source>Export strategy…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Strategie exportieren…</translation>
    </message>
    <message>
        <source>Export {title} as CSV</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title} als CSV exportieren</translation>
    </message>
    <message>
        <source>Exported here or on another computer. It is shown before anything begins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hier oder auf einem anderen Computer exportiert. Sie wird gezeigt, bevor etwas beginnt.</translation>
    </message>
    <message>
        <source>Export…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>FIFO: what was bought first</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>FIFO: was zuerst gekauft wurde</translation>
    </message>
    <message>
        <source>Feb</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Feb.</translation>
    </message>
    <message>
        <source>Fee</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühr</translation>
    </message>
    <message>
        <source>Fee drag a year, %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebührenlast im Jahr, %</translation>
    </message>
    <message>
        <source>Fee less the BNB paid, in the trade's money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühr abzüglich der bezahlten BNB, im Geld des Handels</translation>
    </message>
    <message>
        <source>Fee not told yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühr noch nicht gemeldet</translation>
    </message>
    <message>
        <source>Fee rate</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebührensatz</translation>
    </message>
    <message>
        <source>Fee, {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühr, {quote}</translation>
    </message>
    <message>
        <source>Fee: {said}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühr: {said}.</translation>
    </message>
    <message>
        <source>Fees</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren</translation>
    </message>
    <message>
        <source>Fees paid, a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bezahlte Gebühren, im Jahr</translation>
    </message>
    <message>
        <source>Fees return</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erstattungen</translation>
    </message>
    <message>
        <source>Fees take {drag} % a year off that.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren nehmen davon {drag} % im Jahr.</translation>
    </message>
    <message>
        <source>Fees take {rate} % a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren nehmen {rate} % im Jahr</translation>
    </message>
    <message>
        <source>Figure in the map</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zahl in der Karte</translation>
    </message>
    <message>
        <source>Figures of the test</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zahlen des Tests</translation>
    </message>
    <message>
        <source>Figures of this rule</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zahlen dieser Regel</translation>
    </message>
    <message>
        <source>File</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Datei</translation>
    </message>
    <message>
        <source>File of keys</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schlüsseldatei</translation>
    </message>
    <message>
        <source>Files</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>File…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Datei…</translation>
    </message>
    <message>
        <source>Filled</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausgeführt</translation>
    </message>
    <message>
        <source>Fills the Manual form. Look at its preview there; nothing is created by this.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Füllt das Formular Manuell. Sehen Sie dort die Vorschau an; dadurch wird nichts angelegt.</translation>
    </message>
    <message>
        <source>Final profit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Endgewinn</translation>
    </message>
    <message>
        <source>Final value</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Endwert</translation>
    </message>
    <message>
        <source>First contact</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erstkontakt</translation>
    </message>
    <message>
        <source>First contact made</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erstkontakt erfolgt</translation>
    </message>
    <message>
        <source>First day</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erster Tag</translation>
    </message>
    <message>
        <source>First minutes, in the guide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erste Minuten, in der Anleitung</translation>
    </message>
    <message>
        <source>Fixed weights, as you chose them.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Feste Gewichte, wie Sie sie gewählt haben.</translation>
    </message>
    <message>
        <source>Follow</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Folgen</translation>
    </message>
    <message>
        <source>Follow: stay at the newest line</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Folgen: bei der neuesten Zeile bleiben</translation>
    </message>
    <message>
        <source>For buying once</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für den einmaligen Kauf</translation>
    </message>
    <message>
        <source>Forward</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vor</translation>
    </message>
    <message>
        <source>Forward (Alt+Right)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vor (Alt+Rechts)</translation>
    </message>
    <message>
        <source>Free</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Frei</translation>
    </message>
    <message>
        <source>Free are {free}, and no amount makes an order large enough now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Frei sind {free}, und kein Betrag ergibt jetzt eine ausreichend große Order.</translation>
    </message>
    <message>
        <source>Free are {free}: invest at most that much.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Frei sind {free}: Legen Sie höchstens so viel an.</translation>
    </message>
    <message>
        <source>Free are {free}; the smallest amount of which an order can be sent now is {least}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Frei sind {free}; der kleinste Betrag, aus dem jetzt eine Order werden kann, ist {least}.</translation>
    </message>
    <message>
        <source>Free are {limit}: use at most that much.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Frei sind {limit}: Verwenden Sie höchstens so viel.</translation>
    </message>
    <message>
        <source>Free are {most}: add at most that much.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Frei sind {most}: Fügen Sie höchstens so viel hinzu.</translation>
    </message>
    <message>
        <source>Free pool: {value} {asset}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Freier Bestand: {value} {asset}.</translation>
    </message>
    <message>
        <source>From</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von</translation>
    </message>
    <message>
        <source>From a peak until it was reached again, or the end</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von einem Höchststand, bis er wieder erreicht war, oder bis zum Ende</translation>
    </message>
    <message>
        <source>From now on without asking (Settings changes it)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ab jetzt ohne Rückfrage (in den Einstellungen zu ändern)</translation>
    </message>
    <message>
        <source>From the free pool</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aus dem freien Bestand</translation>
    </message>
    <message>
        <source>From {value} to {high}; = means that it never rebalanced</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von {value} bis {high}; = heißt, dass nie rebalanciert wurde</translation>
    </message>
    <message>
        <source>From … to …</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von … bis …</translation>
    </message>
    <message>
        <source>From: </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von: </translation>
    </message>
    <message>
        <source>Gate</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mindestabweichung</translation>
    </message>
    <message>
        <source>Gate: smallest drift that is traded, in points</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mindestabweichung: kleinste Abweichung, die gehandelt wird, in Punkten</translation>
    </message>
    <message>
        <source>Give the account a name.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie dem Konto einen Namen.</translation>
    </message>
    <message>
        <source>Give the account its key.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie dem Konto seinen Schlüssel.</translation>
    </message>
    <message>
        <source>Give the account or its key the right to trade back at the exchange, then press Resume; or end the strategy and keep its coins: selling needs the right too.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie dem Konto oder seinem Schlüssel an der Börse das Handelsrecht zurück und drücken Sie Fortsetzen; oder beenden Sie die Strategie und behalten Sie ihre Coins: Auch ein Verkauf braucht das Recht.</translation>
    </message>
    <message>
        <source>Give the paper account its right to trade back, then press Resume; or end the strategy and keep its coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie dem Übungskonto das Handelsrecht zurück und drücken Sie Fortsetzen; oder beenden Sie die Strategie und behalten Sie ihre Coins.</translation>
    </message>
    <message>
        <source>Give the right back</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Recht zurückgeben</translation>
    </message>
    <message>
        <source>Give {back} back to {name}: this order never reached the exchange</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{back} an {name} zurückgeben: Diese Order hat die Börse nie erreicht</translation>
    </message>
    <message>
        <source>Go on with a random walk</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mit einem Zufallslauf weiter</translation>
    </message>
    <message>
        <source>Go on with the replay</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wiedergabe fortsetzen</translation>
    </message>
    <message>
        <source>Go on with this key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mit diesem Schlüssel weiter</translation>
    </message>
    <message>
        <source>Gone outside</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Außerhalb verschwunden</translation>
    </message>
    <message>
        <source>HIFO: what cost most</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>HIFO: was am meisten kostete</translation>
    </message>
    <message>
        <source>HODL is what the others are compared with</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>HODL ist der Vergleich für die anderen</translation>
    </message>
    <message>
        <source>HODL wins when one coin runs away from the others: of two coins at 50/50 that move {moved} a year against each other, as {first} does against the rest, when over a year one grows more than {ratio} times as much as the other.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>HODL gewinnt, wenn ein Coin den anderen davonläuft: bei zwei Coins zu 50/50, die sich im Jahr {moved} gegeneinander bewegen, wie {first} gegen den Rest, wenn einer in einem Jahr mehr als das {ratio}-Fache des anderen wächst.</translation>
    </message>
    <message>
        <source>Halt its market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Markt anhalten</translation>
    </message>
    <message>
        <source>Halted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten</translation>
    </message>
    <message numerus="yes">
        <source>Halted: %n accounts</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>Angehalten: %n Konto</numerusform><numerusform>Angehalten: %n Konten</numerusform></translation>
    </message>
    <message>
        <source>Halted: Stop all</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten: Alles stoppen</translation>
    </message>
    <message>
        <source>Halted: an order is yours to decide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten: Über eine Order müssen Sie entscheiden</translation>
    </message>
    <message>
        <source>Halted: an order turned up late</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten: Eine Order tauchte verspätet auf</translation>
    </message>
    <message>
        <source>Halted: coins have new names now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten: Coins haben jetzt neue Namen</translation>
    </message>
    <message>
        <source>Halted: nothing is sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten: Nichts wird gesendet</translation>
    </message>
    <message>
        <source>Halted: {amounts} are missing at the exchange</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten: {amounts} fehlen an der Börse</translation>
    </message>
    <message>
        <source>Halted: {amounts} is missing at the exchange</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten: {amounts} fehlt an der Börse</translation>
    </message>
    <message>
        <source>Halted: {count} orders are yours to decide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten: Über {count} Orders müssen Sie entscheiden</translation>
    </message>
    <message>
        <source>Halted: {fault}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten: {fault}</translation>
    </message>
    <message>
        <source>Halted: {first}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten: {first}</translation>
    </message>
    <message numerus="yes">
        <source>Halted: {halted} of %n strategies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>Angehalten: {halted} von %n Strategie</numerusform><numerusform>Angehalten: {halted} von %n Strategien</numerusform></translation>
    </message>
    <message>
        <source>Halted: {old} is called {new} now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Angehalten: {old} heißt jetzt {new}</translation>
    </message>
    <message>
        <source>Halts</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Halte</translation>
    </message>
    <message>
        <source>Height of the list of lines</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Höhe der Liste der Zeilen</translation>
    </message>
    <message>
        <source>Height of the list of strategies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Höhe der Liste der Strategien</translation>
    </message>
    <message>
        <source>Help</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Here the rule was run over these candles, and what is shown was counted on them. Until that is done after a keystroke, and for a rule that trades more often than every third candle, the formulas speak.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hier wurde die Regel über diese Kerzen gerechnet, und was gezeigt wird, wurde dabei gezählt. Bis das nach einem Tastendruck fertig ist, und für eine Regel, die öfter als jede dritte Kerze handelt, sprechen die Formeln.</translation>
    </message>
    <message>
        <source>How</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie</translation>
    </message>
    <message>
        <source>How far apart two prices are in market time: no strategy is checked more often.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie weit zwei Preise in Marktzeit auseinanderliegen: Keine Strategie wird öfter geprüft.</translation>
    </message>
    <message>
        <source>How it is split</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie aufgeteilt wird</translation>
    </message>
    <message>
        <source>How long each candle is</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie lang jede Kerze ist</translation>
    </message>
    <message>
        <source>How much market time passes in a second</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie viel Marktzeit in einer Sekunde vergeht</translation>
    </message>
    <message>
        <source>How much the value swings around its way</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie stark der Wert um seinen Weg schwankt</translation>
    </message>
    <message>
        <source>How much?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie viel?</translation>
    </message>
    <message>
        <source>How often the drift is compared with the threshold. Two seconds is Binance's pace. A longer period trades a little later and never more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie oft die Abweichung mit dem Schwellenwert verglichen wird. Zwei Sekunden ist das Tempo von Binance. Eine längere Spanne handelt etwas später und nie mehr.</translation>
    </message>
    <message>
        <source>How often this rule would trade in a year and what that would cost, from the past prices of your own coins. It is an estimate: the line below says from what. Test this rule shows the same on every past day.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie oft diese Regel in einem Jahr handeln und was das kosten würde, aus den früheren Preisen Ihrer eigenen Coins. Es ist eine Schätzung: Die Zeile darunter sagt, woraus. Regel testen zeigt dasselbe für jeden vergangenen Tag.</translation>
    </message>
    <message>
        <source>How this is worked out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie das berechnet wird</translation>
    </message>
    <message>
        <source>How weights are set</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wie die Gewichte gesetzt werden</translation>
    </message>
    <message>
        <source>I have looked at the exchange: this key may not withdraw</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ich habe an der Börse nachgesehen: Dieser Schlüssel darf nicht auszahlen</translation>
    </message>
    <message>
        <source>I have read this and accept it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ich habe dies gelesen und nehme es an</translation>
    </message>
    <message>
        <source>IP restriction</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>IP-Beschränkung</translation>
    </message>
    <message>
        <source>If drift exceeds</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wenn Abweichung über</translation>
    </message>
    <message>
        <source>If that is so, press {button}: in every strategy of this account the new name stands for the old one, with its quantity, cost and weight. Then press Resume. Or end the strategy and keep its coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wenn das stimmt, drücken Sie {button}: In jeder Strategie dieses Kontos steht der neue Name für den alten, mit Menge, Kosten und Gewicht. Drücken Sie dann Fortsetzen. Oder beenden Sie die Strategie und behalten Sie ihre Coins.</translation>
    </message>
    <message>
        <source>Import</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>Import a strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Strategie importieren</translation>
    </message>
    <message>
        <source>Import settings</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einstellungen importieren</translation>
    </message>
    <message>
        <source>Import strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Strategie importieren</translation>
    </message>
    <message>
        <source>Import strategy…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Strategie importieren…</translation>
    </message>
    <message>
        <source>Import…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Importieren…</translation>
    </message>
    <message>
        <source>In proportion, locked weights stay: {after}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Im Verhältnis, gesperrte Gewichte bleiben: {after}</translation>
    </message>
    <message>
        <source>In {described}. Never in a file, a log or a report.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In: {described}. Nie in einer Datei, einem Protokoll oder einem Bericht.</translation>
    </message>
    <message>
        <source>Interval</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Intervall</translation>
    </message>
    <message>
        <source>Invest {amount}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{amount} anlegen</translation>
    </message>
    <message>
        <source>Invested</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Investiert</translation>
    </message>
    <message>
        <source>Investment</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anlagebetrag</translation>
    </message>
    <message>
        <source>Investment: {amount}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anlagebetrag: {amount}</translation>
    </message>
    <message>
        <source>Is rebalancing worth it?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Lohnt sich Rebalancing?</translation>
    </message>
    <message>
        <source>It can be neither bought nor sold: another coin takes the weight, or the other coins share it. What is held of it goes back to the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Er kann weder gekauft noch verkauft werden: Ein anderer Coin übernimmt das Gewicht, oder die anderen teilen es sich. Was davon gehalten wird, geht in den freien Bestand zurück.</translation>
    </message>
    <message>
        <source>It cannot be shown now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie kann jetzt nicht gezeigt werden</translation>
    </message>
    <message>
        <source>It could not be stored: {message} {advice}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es konnte nicht gespeichert werden: {message} {advice}</translation>
    </message>
    <message>
        <source>It could not be stored: {problem}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es konnte nicht gespeichert werden: {problem}</translation>
    </message>
    <message>
        <source>It has a strategy that is not over: stop it first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es hat eine Strategie, die nicht beendet ist: Beenden Sie sie zuerst.</translation>
    </message>
    <message>
        <source>It has its default value.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie hat ihren Standardwert.</translation>
    </message>
    <message>
        <source>It has no client id</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie hat keine Client-ID</translation>
    </message>
    <message>
        <source>It holds the accounts {accounts}. What happened since then is not in it: each ledger is compared with its exchange first. What is stored now is kept in the folder backups. The engine is stopped safely, then the program ends and has to be started again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie enthält die Konten {accounts}. Was seither geschah, ist nicht darin: Jedes Kontobuch wird zuerst mit seiner Börse abgeglichen. Was jetzt gespeichert ist, bleibt im Ordner backups. Die Handelsmaschine hält sicher an, dann endet das Programm und muss neu gestartet werden.</translation>
    </message>
    <message>
        <source>It is being begun.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Er wird begonnen.</translation>
    </message>
    <message>
        <source>It is being planned anew.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wird neu geplant.</translation>
    </message>
    <message>
        <source>It is being read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wird gelesen.</translation>
    </message>
    <message>
        <source>It is being saved.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wird gespeichert.</translation>
    </message>
    <message>
        <source>It is being sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wird gesendet.</translation>
    </message>
    <message>
        <source>It is being stopped.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie wird beendet.</translation>
    </message>
    <message>
        <source>It is listed here once every field can be read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie steht hier, sobald jedes Feld lesbar ist.</translation>
    </message>
    <message>
        <source>It is one of these</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie ist eine von diesen</translation>
    </message>
    <message>
        <source>It is paused: the portfolio is brought to these weights after Resume.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie pausiert: Das Portfolio kommt nach dem Fortsetzen auf diese Gewichte.</translation>
    </message>
    <message>
        <source>It is still open at the exchange: wait until it is over, or cancel it there; then press Ask again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie ist an der Börse noch offen: Warten Sie, bis sie vorbei ist, oder stornieren Sie sie dort; drücken Sie dann Erneut fragen.</translation>
    </message>
    <message>
        <source>It is under way.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Er läuft.</translation>
    </message>
    <message>
        <source>It is worth {value}; that much must stay for its weights to be tradable. {stop}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie ist {value} wert; so viel muss bleiben, damit ihre Gewichte handelbar sind. {stop}</translation>
    </message>
    <message>
        <source>It is {date} now: there are no candles after that.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt ist der {date}: Danach gibt es keine Kerzen.</translation>
    </message>
    <message>
        <source>It leaves the books of {strategy} for good. It counts as money taken out, not as a loss of its trading, so its profit does not jump, and nothing is bought back. The strategy stays halted until you press Resume.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es verlässt die Bücher von {strategy} für immer. Es zählt als entnommenes Geld, nicht als Verlust ihres Handels, darum springt ihr Gewinn nicht, und nichts wird zurückgekauft. Die Strategie bleibt angehalten, bis Sie Fortsetzen drücken.</translation>
    </message>
    <message>
        <source>It may also: {names}. Take from the key what it does not need.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Er darf auch: {names}. Nehmen Sie dem Schlüssel, was er nicht braucht.</translation>
    </message>
    <message>
        <source>It never rebalances</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie rebalanciert nie</translation>
    </message>
    <message>
        <source>It never was</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gab sie nie</translation>
    </message>
    <message>
        <source>It never was: discard</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gab sie nie: verwerfen</translation>
    </message>
    <message>
        <source>It stands until {utc_clock} UTC, or until a price moves by 0.3 %; then it is planned anew.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Er gilt bis {utc_clock} UTC, oder bis sich ein Preis um 0,3 % bewegt; dann wird neu geplant.</translation>
    </message>
    <message>
        <source>It waits for its trigger price, its money reserved, and builds at the prices of that moment.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie wartet auf ihren Auslösepreis, ihr Geld ist reserviert, und sie baut zu den Preisen jenes Augenblicks auf.</translation>
    </message>
    <message>
        <source>It waits for its trigger: it starts with these coins, no order is sent now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie wartet auf ihren Auslöser: Sie beginnt mit diesen Coins, jetzt wird keine Order gesendet.</translation>
    </message>
    <message>
        <source>It waits for its trigger: the money is only given back, no order is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie wartet auf ihren Auslöser: Das Geld wird nur zurückgegeben, keine Order wird gesendet.</translation>
    </message>
    <message>
        <source>It waits for its trigger: the money is only moved to it, no order is sent now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie wartet auf ihren Auslöser: Das Geld wird ihr nur zugewiesen, jetzt wird keine Order gesendet.</translation>
    </message>
    <message>
        <source>It waits for {value}. No order is sent: {back}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie wartet auf {value}. Keine Order wird gesendet: {back}</translation>
    </message>
    <message>
        <source>It waits. {waits}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wartet. {waits}</translation>
    </message>
    <message>
        <source>It was found out or decided meanwhile: there is nothing left to do here. The orders show what became of it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es wurde inzwischen herausgefunden oder entschieden: Hier ist nichts mehr zu tun. Die Orders zeigen, was daraus wurde.</translation>
    </message>
    <message>
        <source>Its client id</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ihre Client-ID</translation>
    </message>
    <message>
        <source>Its coins are being sold.{replay_hint}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ihre Coins werden verkauft.{replay_hint}</translation>
    </message>
    <message>
        <source>Its coins go back to the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ihre Coins gehen in den freien Bestand zurück.</translation>
    </message>
    <message>
        <source>Its end waits for that.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ihr Ende wartet darauf.</translation>
    </message>
    <message>
        <source>Its key is forgotten here and stays at the exchange: delete it there too. Its files are kept as a backup. The engine stops safely and starts again without it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sein Schlüssel wird hier vergessen und bleibt an der Börse: Löschen Sie ihn auch dort. Seine Dateien bleiben als Sicherung. Das Programm hält sicher an und startet ohne das Konto wieder.</translation>
    </message>
    <message>
        <source>Its key is forgotten; its files are kept in {kept}. Delete the key at the exchange too.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sein Schlüssel ist vergessen; seine Dateien liegen in {kept}. Löschen Sie den Schlüssel auch an der Börse.</translation>
    </message>
    <message>
        <source>Its market is closed: it is neither bought nor sold until that opens again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sein Markt ist geschlossen: Er wird weder gekauft noch verkauft, bis der Markt wieder öffnet.</translation>
    </message>
    <message>
        <source>Its record and its files are in order, so there is nothing to repair. {why}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sein Eintrag und seine Dateien sind in Ordnung, es gibt also nichts zu reparieren. {why}</translation>
    </message>
    <message>
        <source>Its tabs stay readable; its money is in the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ihre Reiter bleiben lesbar; ihr Geld liegt im freien Bestand.</translation>
    </message>
    <message>
        <source>Its trigger is cancelled: the money is free again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ihr Auslöser ist aufgehoben: Das Geld ist wieder frei.</translation>
    </message>
    <message>
        <source>Jan</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jan.</translation>
    </message>
    <message>
        <source>Journal</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Journal</translation>
    </message>
    <message>
        <source>Jul</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Juli</translation>
    </message>
    <message>
        <source>Jump to the next rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zum nächsten Rebalancing springen</translation>
    </message>
    <message>
        <source>Jun</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Juni</translation>
    </message>
    <message>
        <source>Keep running in the tray</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Im Infobereich weiterlaufen</translation>
    </message>
    <message>
        <source>Keep the coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins behalten</translation>
    </message>
    <message>
        <source>Keep the weight of {asset} when weights are shared out.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Gewicht von {asset} behalten, wenn Gewichte verteilt werden.</translation>
    </message>
    <message>
        <source>Keep waiting</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Weiter warten</translation>
    </message>
    <message>
        <source>Kept in a file locked with your passphrase</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In einer mit Ihrer Passphrase verschlossenen Datei</translation>
    </message>
    <message>
        <source>Kept in memory only</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur im Arbeitsspeicher</translation>
    </message>
    <message>
        <source>Kept in the system keyring</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Im Schlüsselbund des Systems</translation>
    </message>
    <message>
        <source>Key figures</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kennzahlen</translation>
    </message>
    <message>
        <source>Kind</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Art</translation>
    </message>
    <message>
        <source>Known once the rule can be read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bekannt, sobald die Regel lesbar ist.</translation>
    </message>
    <message>
        <source>Known once there are coins with prices and their weights add up to 100 %.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bekannt, sobald es Coins mit Preisen gibt und ihre Gewichte 100 % ergeben.</translation>
    </message>
    <message>
        <source>Known once there are coins, and their weights add up to 100 %.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bekannt, sobald es Coins gibt und ihre Gewichte 100 % ergeben.</translation>
    </message>
    <message>
        <source>Known once there is an amount.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bekannt, sobald es einen Betrag gibt.</translation>
    </message>
    <message>
        <source>LIFO: what was bought last</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>LIFO: was zuletzt gekauft wurde</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Letzte 30 Tage</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Letzte 7 Tage</translation>
    </message>
    <message>
        <source>Last day</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Letzter Tag</translation>
    </message>
    <message>
        <source>Last time, UTC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Letztes Mal, UTC</translation>
    </message>
    <message>
        <source>Last year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Letztes Jahr</translation>
    </message>
    <message>
        <source>Leave off: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Weglassen: {names}.</translation>
    </message>
    <message>
        <source>Leave out 1 coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>1 Coin weglassen</translation>
    </message>
    <message>
        <source>Leave out {count} coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Coins weglassen</translation>
    </message>
    <message>
        <source>Left out, because set for today's prices: {what}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Weggelassen, weil für heutige Preise gesetzt: {what}.</translation>
    </message>
    <message>
        <source>Legal: {smallest} to {largest}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zulässig: {smallest} bis {largest}</translation>
    </message>
    <message>
        <source>Legs</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders</translation>
    </message>
    <message>
        <source>Legs of the chosen rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einzelorders des gewählten Rebalancings</translation>
    </message>
    <message>
        <source>Let the strategies trade again</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Strategien wieder handeln lassen</translation>
    </message>
    <message>
        <source>Level</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>Lift to minimum</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auf Minimum anheben</translation>
    </message>
    <message>
        <source>Limit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Limit</translation>
    </message>
    <message>
        <source>Limit IOC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Limit IOC</translation>
    </message>
    <message>
        <source>Lines of the log, oldest first</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeilen des Protokolls, älteste zuerst</translation>
    </message>
    <message>
        <source>List</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Liste</translation>
    </message>
    <message>
        <source>List strategies that ended longer ago too</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auch länger beendete Strategien listen</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wird geladen…</translation>
    </message>
    <message>
        <source>Lock</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sperren</translation>
    </message>
    <message>
        <source>Lock the weight of {asset}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Gewicht von {asset} sperren</translation>
    </message>
    <message>
        <source>Log</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Log…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Protokoll…</translation>
    </message>
    <message>
        <source>Longest time under water</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Längste Zeit unter dem Höchststand</translation>
    </message>
    <message>
        <source>Look at the exchange for the order that is not this program's: cancel it there or let it be filled. Then press Resume; or end the strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Suchen Sie an der Börse die Order, die nicht von diesem Programm ist: Stornieren Sie sie dort oder lassen Sie sie ausführen. Drücken Sie dann Fortsetzen; oder beenden Sie die Strategie.</translation>
    </message>
    <message>
        <source>Look at the exchange whether the coin was redenominated and how many you hold now. Press Resume, and it goes on with the new price; or end the strategy and keep its coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sehen Sie an der Börse nach, ob der Coin umgestellt wurde und wie viele Sie jetzt halten. Drücken Sie Fortsetzen, und sie läuft mit dem neuen Preis weiter; oder beenden Sie die Strategie und behalten Sie ihre Coins.</translation>
    </message>
    <message>
        <source>Look at the exchange whether the key may withdraw, and tick the box when it may not.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sehen Sie an der Börse nach, ob der Schlüssel auszahlen darf, und setzen Sie das Häkchen, wenn er es nicht darf.</translation>
    </message>
    <message>
        <source>Look at the orders and at its coins: what that order traded is among them now. Then press Resume, and it goes on with what it has; or end the strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sehen Sie die Orders und ihre Coins an: Was jene Order gehandelt hat, ist jetzt dabei. Drücken Sie dann Fortsetzen, und sie läuft mit dem weiter, was sie hat; oder beenden Sie die Strategie.</translation>
    </message>
    <message>
        <source>Look at the orders and the journal for the cause, then press Resume; or end the strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Suchen Sie in den Orders und im Journal die Ursache, drücken Sie dann Fortsetzen; oder beenden Sie die Strategie.</translation>
    </message>
    <message>
        <source>Look at the order…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Order ansehen…</translation>
    </message>
    <message>
        <source>Lower</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Senken</translation>
    </message>
    <message>
        <source>Made on {utc_stamp} UTC in {symbol} with the key {fingerprint}; {came}. Its orders: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erfolgt am {utc_stamp} UTC in {symbol} mit dem Schlüssel {fingerprint}; {came}. Seine Orders: {names}.</translation>
    </message>
    <message>
        <source>Make it again</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erneut ausführen</translation>
    </message>
    <message>
        <source>Make it happen</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geschehen lassen</translation>
    </message>
    <message>
        <source>Make the first contact</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erstkontakt ausführen</translation>
    </message>
    <message>
        <source>Manual</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Manuell</translation>
    </message>
    <message>
        <source>Map of rules: thresholds in rows, intervals in columns</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Karte der Regeln: Schwellenwerte in Zeilen, Intervalle in Spalten</translation>
    </message>
    <message>
        <source>Mar</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>März</translation>
    </message>
    <message>
        <source>Market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Markt</translation>
    </message>
    <message>
        <source>Market caps weight the presets and the distribution by market cap. They are read once a day from CoinGecko, and from CoinPaprika where that does not answer. Nothing of your accounts is sent there. A demo market needs none of it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Marktkapitalisierung gewichtet die Vorlagen und die Verteilung nach Marktkapitalisierung. Sie wird einmal am Tag von CoinGecko gelesen, und von CoinPaprika, wo das nicht antwortet. Von Ihren Konten wird nichts dorthin gesendet. Ein Demomarkt braucht nichts davon.</translation>
    </message>
    <message>
        <source>Market caps: {origin}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Marktkapitalisierung: {origin}</translation>
    </message>
    <message>
        <source>Market caps: {origin}, {days_old} days old</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Marktkapitalisierung: {origin}, {days_old} Tage alt</translation>
    </message>
    <message>
        <source>Market caps: {value}, as of {day}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Marktkapitalisierung: {value}, Stand {day}.</translation>
    </message>
    <message>
        <source>Market data</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Marktdaten</translation>
    </message>
    <message>
        <source>Market events</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Marktereignisse</translation>
    </message>
    <message>
        <source>May</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mai</translation>
    </message>
    <message>
        <source>Mend it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beheben</translation>
    </message>
    <message>
        <source>Menu</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Menü</translation>
    </message>
    <message>
        <source>Mind that its quantity is not the one that was sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beachten Sie: Ihre Menge ist nicht die gesendete.</translation>
    </message>
    <message>
        <source>Money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld</translation>
    </message>
    <message>
        <source>Money in and out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld ein und aus</translation>
    </message>
    <message>
        <source>Money in {quote} that waits for the trigger</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld in {quote}, das auf den Auslöser wartet</translation>
    </message>
    <message>
        <source>Money of the strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld der Strategie</translation>
    </message>
    <message>
        <source>Money-weighted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geldgewichtet</translation>
    </message>
    <message>
        <source>Money-weighted return</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geldgewichtete Rendite</translation>
    </message>
    <message>
        <source>Money-weighted: not shown, because {why}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geldgewichtet: nicht gezeigt, weil {why}.</translation>
    </message>
    <message>
        <source>Money-weighted: shown from {days} whole days on{so_far}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geldgewichtet: gezeigt ab {days} ganzen Tagen{so_far}.</translation>
    </message>
    <message>
        <source>More in the guide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mehr in der Anleitung</translation>
    </message>
    <message>
        <source>More than needed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mehr als nötig</translation>
    </message>
    <message>
        <source>Move money from the free pool into this strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld aus dem freien Bestand in diese Strategie bringen</translation>
    </message>
    <message>
        <source>Moves % a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bewegt sich % im Jahr</translation>
    </message>
    <message>
        <source>Name</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Name</translation>
    </message>
    <message>
        <source>Name (optional)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Name (optional)</translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Name der Vorlage</translation>
    </message>
    <message>
        <source>Name of the strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Name der Strategie</translation>
    </message>
    <message>
        <source>Name the file with its folder, for example {example}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nennen Sie die Datei mit ihrem Ordner, etwa {example}.</translation>
    </message>
    <message>
        <source>Name: {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Name: {name}</translation>
    </message>
    <message>
        <source>Needs an investment and a weight.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Braucht einen Anlagebetrag und ein Gewicht.</translation>
    </message>
    <message>
        <source>Net invested</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Netto investiert</translation>
    </message>
    <message>
        <source>Net invested, {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Netto investiert, {quote}</translation>
    </message>
    <message>
        <source>Never rebalanced: no drift was above it when it looked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nie rebalanciert: Bei keiner Prüfung lag eine Abweichung darüber</translation>
    </message>
    <message>
        <source>Never rebalances: with these weights the drift stays within {reach}, it cannot pass {shown}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalanciert nie: Mit diesen Gewichten bleibt die Abweichung innerhalb von {reach}, sie kann {shown} nicht überschreiten.</translation>
    </message>
    <message>
        <source>New name of the coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Neuer Name des Coins</translation>
    </message>
    <message>
        <source>New strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Neue Strategie</translation>
    </message>
    <message>
        <source>Next rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nächstes Rebalancing</translation>
    </message>
    <message>
        <source>No account is known yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch ist kein Konto bekannt.</translation>
    </message>
    <message>
        <source>No amount is legal now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt ist kein Betrag zulässig.</translation>
    </message>
    <message>
        <source>No coin can trade less than {least} pp.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kein Coin kann weniger als {least} PP handeln.</translation>
    </message>
    <message>
        <source>No coin that trades in {quote} on this account is called “{shown}”.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kein in {quote} handelbarer Coin dieses Kontos heißt „{shown}“.</translation>
    </message>
    <message>
        <source>No drift can pass {reach} with these weights.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mit diesen Gewichten kann keine Abweichung {reach} überschreiten.</translation>
    </message>
    <message>
        <source>No fees yet: each trade's fee stands here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch keine Gebühren: Hier steht die Gebühr jeder Ausführung.</translation>
    </message>
    <message>
        <source>No key and no network. Six hours of market pass in a second, so something happens soon.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kein Schlüssel und kein Netz. Sechs Stunden Markt vergehen in einer Sekunde, es geschieht also bald etwas.</translation>
    </message>
    <message>
        <source>No line is shown.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Zeile wird gezeigt.</translation>
    </message>
    <message>
        <source>No market cap is known for {asset}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für {asset} ist keine Marktkapitalisierung bekannt.</translation>
    </message>
    <message>
        <source>No market cap is known for {names}, {its}, or take the coin out.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für {names} ist keine Marktkapitalisierung bekannt, {its}, oder nehmen Sie den Coin heraus.</translation>
    </message>
    <message>
        <source>No market cap known: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Marktkapitalisierung bekannt: {names}.</translation>
    </message>
    <message>
        <source>No market caps</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Marktkapitalisierung</translation>
    </message>
    <message>
        <source>No new order on any account until you resume trading (Ctrl+K)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine neue Order auf irgendeinem Konto, bis Sie den Handel fortsetzen (Strg+K)</translation>
    </message>
    <message>
        <source>No order can be sent: there is nothing to create.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Order kann gesendet werden: Es gibt nichts anzulegen.</translation>
    </message>
    <message>
        <source>No order is possible now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt ist keine Order möglich.</translation>
    </message>
    <message>
        <source>No order is sent at the start: the coins stay as they are until the rule says to rebalance.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu Beginn wird keine Order gesendet: Die Coins bleiben, wie sie sind, bis die Regel rebalancieren lässt.</translation>
    </message>
    <message>
        <source>No order is sent now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt wird keine Order gesendet</translation>
    </message>
    <message>
        <source>No order is sent. {back}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Order wird gesendet. {back}</translation>
    </message>
    <message>
        <source>No orders yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch keine Orders.</translation>
    </message>
    <message>
        <source>No orders yet: type an amount.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch keine Orders: Geben Sie einen Betrag ein.</translation>
    </message>
    <message>
        <source>No orders: see the coins above.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Orders: Sehen Sie die Coins oben an.</translation>
    </message>
    <message>
        <source>No orders: the amount is not legal.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Orders: Der Betrag ist nicht zulässig.</translation>
    </message>
    <message>
        <source>No page has these words</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Seite hat diese Wörter</translation>
    </message>
    <message>
        <source>No preset can be used on this account in {quote}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Vorlage ist auf diesem Konto in {quote} verwendbar.</translation>
    </message>
    <message>
        <source>No program of this computer opens {place}. You can copy it from here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kein Programm dieses Computers öffnet {place}. Sie können es von hier kopieren.</translation>
    </message>
    <message>
        <source>No promise of profit. Returns and estimates are examples from the past. Weights follow market caps; you decide what suits you. Losses are yours.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kein Gewinnversprechen. Renditen und Schätzungen sind Beispiele aus der Vergangenheit. Gewichte folgen der Marktkapitalisierung; Sie entscheiden, was zu Ihnen passt. Verluste tragen Sie.</translation>
    </message>
    <message>
        <source>No rebalance expected in a year{drift}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kein Rebalancing in einem Jahr zu erwarten{drift}.</translation>
    </message>
    <message>
        <source>No rebalance is started by this.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dadurch wird kein Rebalancing begonnen.</translation>
    </message>
    <message>
        <source>No rebalances yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch keine Rebalancings.</translation>
    </message>
    <message>
        <source>No setting has these words. Try fewer, or other ones.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Einstellung hat diese Wörter. Versuchen Sie weniger oder andere.</translation>
    </message>
    <message>
        <source>No strategies yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch keine Strategien</translation>
    </message>
    <message>
        <source>No strategy is in this state.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Strategie ist in diesem Zustand.</translation>
    </message>
    <message>
        <source>No strategy is running.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Strategie läuft.</translation>
    </message>
    <message>
        <source>No strategy runs.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine Strategie läuft.</translation>
    </message>
    <message>
        <source>No threshold makes that cheap with these coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kein Schwellenwert macht das mit diesen Coins günstig.</translation>
    </message>
    <message>
        <source>No transfers yet: money moved into or out of the account and its strategies stands here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch keine Transfers: Hier steht Geld, das in das Konto und seine Strategien oder heraus ging.</translation>
    </message>
    <message>
        <source>No transfers yet: money moved into or out of this strategy stands here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch keine Transfers: Hier steht Geld, das in diese Strategie oder heraus ging.</translation>
    </message>
    <message>
        <source>No weight under {minimum_weight}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kein Gewicht unter {minimum_weight}.</translation>
    </message>
    <message>
        <source>No {quote} is free: what is not in a strategy could be added.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kein {quote} ist frei: Was in keiner Strategie liegt, könnte hinzugefügt werden.</translation>
    </message>
    <message>
        <source>None</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Keine</translation>
    </message>
    <message>
        <source>None here</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hier keine</translation>
    </message>
    <message>
        <source>Not allowed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht erlaubt</translation>
    </message>
    <message>
        <source>Not everything can be checked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht alles ist prüfbar</translation>
    </message>
    <message>
        <source>Not everything could be checked.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht alles konnte geprüft werden.</translation>
    </message>
    <message>
        <source>Not everything could be read</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht alles konnte gelesen werden</translation>
    </message>
    <message>
        <source>Not everything could be sold yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch konnte nicht alles verkauft werden</translation>
    </message>
    <message>
        <source>Not known</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht bekannt</translation>
    </message>
    <message>
        <source>Not now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht jetzt</translation>
    </message>
    <message>
        <source>Not now: nothing was sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht jetzt: Es wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>Not on this market ({count})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht auf diesem Markt ({count})</translation>
    </message>
    <message>
        <source>Not on watch only: switch trading on in Settings (Ctrl+,) first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht beim Nur-Beobachten: Schalten Sie zuerst in den Einstellungen (Strg+,) den Handel ein.</translation>
    </message>
    <message>
        <source>Not placed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht aufgegeben</translation>
    </message>
    <message>
        <source>Not possible</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht möglich</translation>
    </message>
    <message>
        <source>Not sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht gesendet</translation>
    </message>
    <message>
        <source>Not set</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht gesetzt</translation>
    </message>
    <message>
        <source>Not the same yet: “{account}”</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch nicht gleich: „{account}“</translation>
    </message>
    <message>
        <source>Not traded here in {quote}: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hier nicht in {quote} gehandelt: {names}.</translation>
    </message>
    <message>
        <source>Not used on a {kind}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht verwendet auf: {kind}</translation>
    </message>
    <message>
        <source>Not while an order of it is yours to decide: look at the order first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht, solange Sie über eine ihrer Orders entscheiden müssen: Sehen Sie zuerst die Order an.</translation>
    </message>
    <message>
        <source>Not while it is halted.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht, solange sie angehalten ist.</translation>
    </message>
    <message>
        <source>Not while it is paused: press Resume first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht, solange sie pausiert: Drücken Sie zuerst Fortsetzen.</translation>
    </message>
    <message>
        <source>Not while it waits for its trigger.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht, solange sie auf ihren Auslöser wartet.</translation>
    </message>
    <message>
        <source>Not while the first contact is under way.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht, solange der Erstkontakt läuft.</translation>
    </message>
    <message>
        <source>Not while the outcome of an order is being looked up.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht, solange das Ergebnis einer Order nachgeschlagen wird.</translation>
    </message>
    <message>
        <source>Not while trading is stopped: press Resume trading first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht, solange der Handel gestoppt ist: Drücken Sie zuerst Handel fortsetzen.</translation>
    </message>
    <message>
        <source>Not yet: the portfolio is being built.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch nicht: Das Portfolio wird aufgebaut.</translation>
    </message>
    <message>
        <source>Note</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hinweis</translation>
    </message>
    <message>
        <source>Notes</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hinweise</translation>
    </message>
    <message>
        <source>Nothing can be added now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt kann nichts hinzugefügt werden</translation>
    </message>
    <message>
        <source>Nothing can be bought for it now: it takes a little free money (about the exchange's smallest order) and a good price of BTC, ETH, SOL, XRP, LTC or DOGE. Then press Check again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt kann dafür nichts gekauft werden: Nötig sind etwas freies Geld (etwa die kleinste Order der Börse) und ein guter Preis von BTC, ETH, SOL, XRP, LTC oder DOGE. Drücken Sie dann Erneut prüfen.</translation>
    </message>
    <message>
        <source>Nothing can be removed now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt kann nichts entnommen werden</translation>
    </message>
    <message>
        <source>Nothing can be said while the form is not complete.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Solange das Formular unvollständig ist, lässt sich nichts sagen.</translation>
    </message>
    <message>
        <source>Nothing can be sold while trading is stopped: keep the coins, or press Resume trading first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Solange der Handel gestoppt ist, kann nichts verkauft werden: Behalten Sie die Coins oder drücken Sie zuerst Handel fortsetzen.</translation>
    </message>
    <message>
        <source>Nothing can be sold: the account or key may no longer trade. Keep the coins, or give the right back first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts kann verkauft werden: Das Konto oder der Schlüssel darf nicht mehr handeln. Behalten Sie die Coins oder geben Sie zuerst das Recht zurück.</translation>
    </message>
    <message>
        <source>Nothing can be sold: {halted}. Keep the coins, or clear that first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts kann verkauft werden: {halted}. Behalten Sie die Coins oder klären Sie das zuerst.</translation>
    </message>
    <message>
        <source>Nothing could be proven about an order for {minutes} minutes. What it may have used stays set aside, and it is looked up once a minute. Nothing is sent; the other coins and the cash stay where they are.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über eine Order ließ sich {minutes} Minuten lang nichts beweisen. Was sie verbraucht haben kann, bleibt zurückgelegt, und sie wird jede Minute nachgeschlagen. Nichts wird gesendet; die anderen Coins und das Geld bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>Nothing could be proven about {count} orders for {minutes} minutes. What each of them may have used stays set aside, and each of them is looked up once a minute. Nothing is sent; the other coins and the cash stay where they are.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über {count} Orders ließ sich {minutes} Minuten lang nichts beweisen. Was jede verbraucht haben kann, bleibt zurückgelegt, und jede wird jede Minute nachgeschlagen. Nichts wird gesendet; die anderen Coins und das Geld bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>Nothing fits what is chosen above.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts passt zu dem, was oben gewählt ist.</translation>
    </message>
    <message>
        <source>Nothing had to be traded.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts musste gehandelt werden.</translation>
    </message>
    <message>
        <source>Nothing has to be decided: it is looked up once a minute, and what it may have used stays set aside.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es muss nichts entschieden werden: Sie wird jede Minute nachgeschlagen, und was sie verbraucht haben kann, bleibt zurückgelegt.</translation>
    </message>
    <message>
        <source>Nothing has to be traded</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts muss gehandelt werden</translation>
    </message>
    <message>
        <source>Nothing is changed yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch ist nichts geändert.</translation>
    </message>
    <message>
        <source>Nothing is chosen there: everything is exported.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dort ist nichts gewählt: Alles wird exportiert.</translation>
    </message>
    <message>
        <source>Nothing is created by that.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dadurch wird nichts angelegt.</translation>
    </message>
    <message>
        <source>Nothing is proven about an order of it: adopt or discard it first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über eine ihrer Orders ist nichts bewiesen: Übernehmen oder verwerfen Sie sie zuerst.</translation>
    </message>
    <message>
        <source>Nothing is sent for any strategy; coins and cash stay where they are. The journal has the cause (see it with All strategies); put it right at the exchange, then start the program again. A strategy can be stopped and its coins kept.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für keine Strategie wird etwas gesendet; Coins und Geld bleiben, wo sie sind. Das Journal nennt die Ursache (mit Alle Strategien); beheben Sie sie an der Börse und starten Sie das Programm neu. Eine Strategie kann beendet und ihre Coins behalten werden.</translation>
    </message>
    <message>
        <source>Nothing is sent; coins and cash stay where they are.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts wird gesendet; Coins und Geld bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>Nothing is sent; it is proposed again in 10 minutes at the earliest</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts wird gesendet; es wird frühestens in 10 Minuten wieder vorgeschlagen</translation>
    </message>
    <message>
        <source>Nothing is traded, {cash}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts wird gehandelt, {cash}</translation>
    </message>
    <message>
        <source>Nothing more is sent, and everything up to here is stored. Close the program and start it again; if this happens again, the details are in the log file.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts mehr wird gesendet, und alles bis hierher ist gespeichert. Schließen Sie das Programm und starten Sie es neu; geschieht das wieder, stehen die Einzelheiten in der Protokolldatei.</translation>
    </message>
    <message>
        <source>Nothing of it is left to decide. Press Resume, and it goes on; or end the strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über nichts davon muss mehr entschieden werden. Drücken Sie Fortsetzen, und sie läuft weiter; oder beenden Sie die Strategie.</translation>
    </message>
    <message>
        <source>Nothing of it is missing any more. Press Resume, and it goes on with what it has; or end the strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts davon fehlt mehr. Drücken Sie Fortsetzen, und sie läuft mit dem weiter, was sie hat; oder beenden Sie die Strategie.</translation>
    </message>
    <message>
        <source>Nothing opened it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts hat es geöffnet</translation>
    </message>
    <message>
        <source>Nothing was changed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts wurde geändert</translation>
    </message>
    <message>
        <source>Nothing was decided</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts wurde entschieden</translation>
    </message>
    <message>
        <source>Nothing was moved or lost. Close the program, start it again, and do it then.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nichts wurde bewegt oder ging verloren. Schließen Sie das Programm, starten Sie es neu und tun Sie es dann.</translation>
    </message>
    <message>
        <source>Nothing was tested yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch wurde nichts getestet</translation>
    </message>
    <message>
        <source>Nothing yet: each change of decision is one plain sentence here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch nichts: Hier ist jede Änderung einer Entscheidung ein einfacher Satz.</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>Nov</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nov.</translation>
    </message>
    <message>
        <source>Oct</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Okt.</translation>
    </message>
    <message numerus="yes">
        <source>Of %n of them the cost is not known.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>Von %n davon sind die Kosten nicht bekannt.</numerusform><numerusform>Von %n davon sind die Kosten nicht bekannt.</numerusform></translation>
    </message>
    <message>
        <source>Of the account itself, of no strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vom Konto selbst, von keiner Strategie</translation>
    </message>
    <message>
        <source>Of the fee, back to the free pool</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Von der Gebühr, zurück in den freien Bestand</translation>
    </message>
    <message>
        <source>Of the {count} strategies in {quote} {which}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der {count} Strategien in {quote}, {which}</translation>
    </message>
    <message>
        <source>Of the {most} above the smallest legal investment no order is large enough. {stop}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aus den {most} über dem kleinsten zulässigen Anlagebetrag wird keine ausreichend große Order. {stop}</translation>
    </message>
    <message>
        <source>Off</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aus</translation>
    </message>
    <message>
        <source>Off by default. On: a strategy pays its whole fee; if the free pool holds enough BNB, the free pool pays 75 % of the fee's value in BNB and gets the whole fee back.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Standardmäßig aus. Ein: Eine Strategie zahlt ihre ganze Gebühr; hat der freie Bestand genug BNB, zahlt er 75 % des Gebührenwerts in BNB und bekommt die ganze Gebühr zurück.</translation>
    </message>
    <message>
        <source>Once more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>One moment: it is being stored.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einen Augenblick: Es wird gespeichert.</translation>
    </message>
    <message>
        <source>One moment: something is being done already.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einen Augenblick: Etwas wird schon getan.</translation>
    </message>
    <message>
        <source>One of them fills the Manual form. Nothing is created, and no money moves, by that.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine davon füllt das Formular Manuell. Dadurch wird nichts angelegt und kein Geld bewegt.</translation>
    </message>
    <message>
        <source>One price further</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einen Preis weiter</translation>
    </message>
    <message>
        <source>One smallest legal order is bought with this key and sold back at once, the way every later order goes: stored, sent, looked up, booked. It proves that this account, this key and this program work together, before any strategy trades.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine kleinste zulässige Order wird mit diesem Schlüssel gekauft und sofort zurückverkauft, auf dem Weg jeder späteren Order: gespeichert, gesendet, nachgeschlagen, gebucht. Das beweist, dass dieses Konto, dieser Schlüssel und dieses Programm zusammenarbeiten, bevor eine Strategie handelt.</translation>
    </message>
    <message>
        <source>One smallest order is bought and sold back with {money}. Nothing else is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine kleinste Order wird mit {money} gekauft und zurückverkauft. Sonst wird nichts gesendet.</translation>
    </message>
    <message>
        <source>One smallest order is bought and sold back with {money}; nothing else is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine kleinste Order wird mit {money} gekauft und zurückverkauft; sonst wird nichts gesendet.</translation>
    </message>
    <message>
        <source>One typical rebalance costs</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein typisches Rebalancing kostet</translation>
    </message>
    <message>
        <source>Only for a paper account: with a key the account holds what the exchange says.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur für ein Übungskonto: Mit einem Schlüssel hält das Konto, was die Börse sagt.</translation>
    </message>
    <message>
        <source>Only for an account at an exchange: this one trades with play money.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur für ein Konto an einer Börse: Dieses handelt mit Spielgeld.</translation>
    </message>
    <message>
        <source>Only multiples of {shown}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur Vielfache von {shown}.</translation>
    </message>
    <message>
        <source>Only the cost basis has a method.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur die Kostenbasis hat eine Methode.</translation>
    </message>
    <message>
        <source>Only what is chosen in the window</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur was im Fenster gewählt ist</translation>
    </message>
    <message>
        <source>Only whole seconds.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur ganze Sekunden.</translation>
    </message>
    <message>
        <source>Only {count} candles are there of every coin; a test needs at least {LEAST_BARS}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur {count} Kerzen gibt es von jedem Coin; ein Test braucht mindestens {LEAST_BARS}.</translation>
    </message>
    <message>
        <source>Open</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open API management</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>API-Verwaltung öffnen</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Opening your account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ihr Konto wird geöffnet</translation>
    </message>
    <message>
        <source>Opens Edit rule with this rule in it; it holds once it is saved there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Öffnet Regel bearbeiten mit dieser Regel; sie gilt, sobald sie dort gespeichert ist.</translation>
    </message>
    <message>
        <source>Optional: without a key CoinGecko's public interface is asked. A free demo key makes it answer more surely. It is kept like the key of an account and never shown.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Optional: Ohne Schlüssel wird die öffentliche Schnittstelle von CoinGecko gefragt. Mit einem kostenlosen Demoschlüssel antwortet sie verlässlicher. Er wird wie der Schlüssel eines Kontos aufbewahrt und nie angezeigt.</translation>
    </message>
    <message>
        <source>Or end the strategy: the end waits for that too.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Oder beenden Sie die Strategie: Auch das Ende wartet darauf.</translation>
    </message>
    <message>
        <source>Order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Order</translation>
    </message>
    <message>
        <source>Order id</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Order-ID</translation>
    </message>
    <message>
        <source>Order id {client_order_id}, at the exchange {value}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Order-ID {client_order_id}, an der Börse {value}</translation>
    </message>
    <message>
        <source>Order {found} was adopted: what it traded is booked for {name}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Order {found} wurde übernommen: Was sie gehandelt hat, ist für {name} gebucht.</translation>
    </message>
    <message>
        <source>Order {order} traded nothing: nothing is booked, and {back} go back to {name}.{then}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Order {order} hat nichts gehandelt: Nichts wird gebucht, und {back} gehen an {name} zurück.{then}</translation>
    </message>
    <message>
        <source>Order {order} traded nothing: nothing is booked, and {back} goes back to {name}.{then}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Order {order} hat nichts gehandelt: Nichts wird gebucht, und {back} geht an {name} zurück.{then}</translation>
    </message>
    <message>
        <source>Orders</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders</translation>
    </message>
    <message>
        <source>Orders are on their way.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders sind unterwegs.</translation>
    </message>
    <message>
        <source>Orders in {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders in {quote}</translation>
    </message>
    <message>
        <source>Orders of the exchange that could be it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders der Börse, die es sein könnten</translation>
    </message>
    <message>
        <source>Orders to be sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu sendende Orders</translation>
    </message>
    <message>
        <source>Orders when it is resumed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders beim Fortsetzen</translation>
    </message>
    <message>
        <source>Orders when it starts</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders beim Beginn</translation>
    </message>
    <message>
        <source>Orders will be sent with {money} on {title}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Orders werden mit {money} auf {title} gesendet.</translation>
    </message>
    <message>
        <source>Other coins or other weights</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Andere Coins oder andere Gewichte</translation>
    </message>
    <message>
        <source>Other rights</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Andere Rechte</translation>
    </message>
    <message>
        <source>Otherwise the coins go back to the free pool. You are asked again when you stop it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sonst gehen die Coins in den freien Bestand zurück. Sie werden beim Beenden noch einmal gefragt.</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Over</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vorbei</translation>
    </message>
    <message>
        <source>Own address</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eigene Adresse</translation>
    </message>
    <message>
        <source>Own cash, without an order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eigenes Geld, ohne Order</translation>
    </message>
    <message>
        <source>Page of the user guide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Seite der Anleitung</translation>
    </message>
    <message>
        <source>Page {title}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Seite {title}</translation>
    </message>
    <message>
        <source>Paid for every order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für jede Order bezahlt</translation>
    </message>
    <message>
        <source>Paid on average (open: not known)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Im Schnitt bezahlt (offen: nicht bekannt)</translation>
    </message>
    <message>
        <source>Paid to the exchange, and what Pay fees with BNB saved of them, {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>An die Börse bezahlt, und was Gebühren mit BNB zahlen davon gespart hat, {quote}</translation>
    </message>
    <message>
        <source>Paper account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übungskonto</translation>
    </message>
    <message>
        <source>Paper account: deposit, withdraw, market events, fees with BNB</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übungskonto: einzahlen, auszahlen, Marktereignisse, Gebühren mit BNB</translation>
    </message>
    <message>
        <source>Paper account…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übungskonto…</translation>
    </message>
    <message>
        <source>Paper, on live prices of {where}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übung, mit echten Preisen von {where}</translation>
    </message>
    <message>
        <source>Paper, on the demo market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übung, auf dem Demomarkt</translation>
    </message>
    <message>
        <source>Partly</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Teilweise</translation>
    </message>
    <message>
        <source>Partly filled</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Teilweise ausgeführt</translation>
    </message>
    <message>
        <source>Parts of the settings</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Teile der Einstellungen</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Passphrase</translation>
    </message>
    <message>
        <source>Passphrase of the file of keys</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Passphrase der Schlüsseldatei</translation>
    </message>
    <message>
        <source>Passphrase of the file of keys:</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Passphrase der Schlüsseldatei:</translation>
    </message>
    <message>
        <source>Past returns p.a., one rebalance a day, no fees.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Frühere Renditen p. a., ein Rebalancing am Tag, ohne Gebühren.</translation>
    </message>
    <message>
        <source>Pause</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Pausieren</translation>
    </message>
    <message>
        <source>Pause the replay</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wiedergabe anhalten</translation>
    </message>
    <message>
        <source>Pause: nothing is traded until Resume</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Pausieren: Bis zum Fortsetzen wird nichts gehandelt</translation>
    </message>
    <message numerus="yes">
        <source>Paused: %n strategies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>Pausiert: %n Strategie</numerusform><numerusform>Pausiert: %n Strategien</numerusform></translation>
    </message>
    <message>
        <source>Paused: nothing is traded.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Pausiert: Nichts wird gehandelt.</translation>
    </message>
    <message>
        <source>Pay fees with BNB (25 % off)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren mit BNB zahlen (25 % Nachlass)</translation>
    </message>
    <message>
        <source>Pay fees with BNB is off. When it is on, {WHAT_IT_DOES}; there are {there} in it. {WHERE}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren mit BNB zahlen ist aus. Ist es ein, dann: {WHAT_IT_DOES}; es enthält {there}. {WHERE}</translation>
    </message>
    <message>
        <source>Pay fees with BNB is on, but there are no BNB in the free pool: no fee is returned. {WHERE}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren mit BNB zahlen ist ein, aber im freien Bestand sind keine BNB: Keine Gebühr wird zurückgegeben. {WHERE}</translation>
    </message>
    <message>
        <source>Pay fees with BNB is on: {WHAT_IT_DOES}. There are {there} in it. {WHERE}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren mit BNB zahlen ist ein: {WHAT_IT_DOES}. Es enthält {there}. {WHERE}</translation>
    </message>
    <message>
        <source>Pay fees with BNB is {part}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren mit BNB zahlen ist {part}.</translation>
    </message>
    <message>
        <source>Phone</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Telefon</translation>
    </message>
    <message>
        <source>Placed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aufgegeben</translation>
    </message>
    <message>
        <source>Planned at prices of {at} UTC; each order takes the price of its own moment, at most 0.3 % worse.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geplant zu Preisen von {at} UTC; jede Order nimmt den Preis ihres Augenblicks, höchstens 0,3 % schlechter.</translation>
    </message>
    <message>
        <source>Plans are shown, nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Pläne werden gezeigt, nichts wird gesendet.</translation>
    </message>
    <message>
        <source>Plans are shown, nothing is sent: no rebalance, no stop-loss, no take-profit.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Pläne werden gezeigt, nichts wird gesendet: kein Rebalancing, kein Stop-Loss, kein Take-Profit.</translation>
    </message>
    <message>
        <source>Plan…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Plan…</translation>
    </message>
    <message>
        <source>Play money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spielgeld</translation>
    </message>
    <message>
        <source>Play money of the exchange: orders reach its place to practise in.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spielgeld der Börse: Orders erreichen ihren Übungsplatz.</translation>
    </message>
    <message>
        <source>Play money, real past prices</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spielgeld, echte frühere Preise</translation>
    </message>
    <message>
        <source>Play money: no order reaches an exchange.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spielgeld: Keine Order erreicht eine Börse.</translation>
    </message>
    <message>
        <source>Preparing the chart…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Diagramm wird vorbereitet…</translation>
    </message>
    <message>
        <source>Presets</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vorlagen</translation>
    </message>
    <message>
        <source>Press Resume trading to put every strategy back into its former state; or end this one and keep its coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Drücken Sie Handel fortsetzen, um jede Strategie in ihren vorigen Zustand zu bringen; oder beenden Sie diese und behalten Sie ihre Coins.</translation>
    </message>
    <message>
        <source>Press Run again when you like.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Drücken Sie Erneut testen, wann Sie möchten.</translation>
    </message>
    <message>
        <source>Preview</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preis</translation>
    </message>
    <message>
        <source>Price about</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preis etwa</translation>
    </message>
    <message>
        <source>Price effect</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preiseffekt</translation>
    </message>
    <message>
        <source>Price limit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preislimit</translation>
    </message>
    <message>
        <source>Price, {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preis, {quote}</translation>
    </message>
    <message>
        <source>Prices and strategies are on their way.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise und Strategien sind unterwegs.</translation>
    </message>
    <message>
        <source>Prices move against each other, so the weights wander. With w the weight of a coin and s what it moves a year against the rest of the portfolio, its weight wanders by w (1 − w) s a year. The rebalances a year are the square of that over the square of the threshold, for the coin that gets there first; what is bought and sold grows with one over the threshold, and fees with what is bought and sold.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise bewegen sich gegeneinander, darum wandern die Gewichte. Ist w das Gewicht eines Coins und s seine Bewegung im Jahr gegen den Rest des Portfolios, so wandert sein Gewicht um w (1 − w) s im Jahr. Die Rebalancings im Jahr sind das Quadrat davon durch das Quadrat des Schwellenwerts, für den Coin, der zuerst dort ist; was gekauft und verkauft wird, wächst mit eins durch den Schwellenwert, und die Gebühren mit dem, was gekauft und verkauft wird.</translation>
    </message>
    <message>
        <source>Prices, plans and drifts are shown, and no order is ever sent. A real account begins like this and stays so until you have switched trading on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise, Pläne und Abweichungen werden gezeigt, und nie wird eine Order gesendet. Ein echtes Konto beginnt so und bleibt so, bis Sie den Handel eingeschaltet haben.</translation>
    </message>
    <message>
        <source>Profit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gewinn</translation>
    </message>
    <message>
        <source>Profit of all strategies so far: {realised} realised, {on_paper} on paper</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gewinn aller Strategien bisher: {realised} realisiert, {on_paper} auf dem Papier</translation>
    </message>
    <message>
        <source>Program</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Progress</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Proposed rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vorgeschlagenes Rebalancing</translation>
    </message>
    <message>
        <source>Proven on loopback, and confirmed by this account's first contact on {utc_date}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nachgewiesen am Prüfstand, und durch den Erstkontakt dieses Kontos am {utc_date} bestätigt.</translation>
    </message>
    <message>
        <source>Put back the backup</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung einsetzen</translation>
    </message>
    <message>
        <source>Put into the form</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In das Formular</translation>
    </message>
    <message>
        <source>Put the backup of {date} in place?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung vom {date} einsetzen?</translation>
    </message>
    <message>
        <source>Quantity</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Menge</translation>
    </message>
    <message>
        <source>Quantity of {asset} to use</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu verwendende Menge von {asset}</translation>
    </message>
    <message>
        <source>Quit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Quit…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beenden…</translation>
    </message>
    <message>
        <source>Raise</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anheben</translation>
    </message>
    <message>
        <source>Range</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeitraum</translation>
    </message>
    <message>
        <source>Ratios</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anteile</translation>
    </message>
    <message>
        <source>Reached %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erreicht %</translation>
    </message>
    <message>
        <source>Read balances</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Guthaben lesen</translation>
    </message>
    <message>
        <source>Read the market caps anew. By itself that is done once a day.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Marktkapitalisierung neu lesen. Von selbst geschieht das einmal am Tag.</translation>
    </message>
    <message>
        <source>Read the newest rows (F5)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die neuesten Zeilen lesen (F5)</translation>
    </message>
    <message>
        <source>Read the text about risk and tick its box.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Lesen Sie den Risikotext und setzen Sie sein Häkchen.</translation>
    </message>
    <message>
        <source>Reading the market caps…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Marktkapitalisierung wird gelesen…</translation>
    </message>
    <message>
        <source>Reading the presets…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Vorlagen werden gelesen…</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wird gelesen…</translation>
    </message>
    <message>
        <source>Ready to preview</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bereit zur Vorschau</translation>
    </message>
    <message>
        <source>Real money: orders reach the exchange.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Echtes Geld: Orders erreichen die Börse.</translation>
    </message>
    <message>
        <source>Realised</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Realisiert</translation>
    </message>
    <message>
        <source>Rebalance every</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancing alle</translation>
    </message>
    <message>
        <source>Rebalance now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancieren</translation>
    </message>
    <message>
        <source>Rebalance now? ({reason}{worst})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt rebalancieren? ({reason}{worst})</translation>
    </message>
    <message>
        <source>Rebalancer never needs the right to withdraw, and there is no way round this. At {called}, in its management of API keys, take that right from the key (or make a key without it), then press Check again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancer braucht nie das Recht auszuzahlen, und daran führt kein Weg vorbei. Nehmen Sie dem Schlüssel bei {called}, in der Verwaltung der API-Schlüssel, dieses Recht (oder erzeugen Sie einen Schlüssel ohne es), und drücken Sie Erneut prüfen.</translation>
    </message>
    <message>
        <source>Rebalancer never needs the withdrawal right, and refuses to trade with such a key. Switch it off at the exchange, then press Test connection. Until then the account can only watch.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancer braucht nie das Auszahlungsrecht und handelt nicht mit einem solchen Schlüssel. Schalten Sie es an der Börse ab und drücken Sie Verbindung testen. Bis dahin kann das Konto nur beobachten.</translation>
    </message>
    <message>
        <source>Rebalancer starts when I log in</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancer startet, wenn ich mich anmelde</translation>
    </message>
    <message>
        <source>Rebalances</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancings</translation>
    </message>
    <message>
        <source>Rebalances ({count})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancings ({count})</translation>
    </message>
    <message>
        <source>Rebalances a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancings im Jahr</translation>
    </message>
    <message>
        <source>Rebalances that sent orders, and those that triggered and could send none: the reasons are in their tab</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancings, die Orders sendeten, und solche, die auslösten und keine senden konnten: Die Gründe stehen in ihrem Reiter</translation>
    </message>
    <message>
        <source>Rebalancing effect</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancing-Effekt</translation>
    </message>
    <message>
        <source>Rebalancing sells what rose and buys what fell: a gain where coins come back towards each other, a loss where one leaves the others behind for good. Then holding wins, whatever the rule.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancing verkauft, was stieg, und kauft, was fiel: ein Gewinn, wo Coins wieder zueinanderfinden, ein Verlust, wo einer die anderen für immer hinter sich lässt. Dann gewinnt Halten, gleich mit welcher Regel.</translation>
    </message>
    <message>
        <source>Rebalancing these coins gains about {gain} % a year over the average of their growth. {drag}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancing dieser Coins gewinnt etwa {gain} % im Jahr über den Durchschnitt ihres Wachstums. {drag}</translation>
    </message>
    <message>
        <source>Records</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aufzeichnungen</translation>
    </message>
    <message>
        <source>Records…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aufzeichnungen…</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Neu lesen</translation>
    </message>
    <message>
        <source>Refresh market caps</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Marktkapitalisierung neu lesen</translation>
    </message>
    <message>
        <source>Refunded</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erstattet</translation>
    </message>
    <message>
        <source>Refused: nothing was changed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Abgelehnt: Nichts wurde geändert</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Released</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Freigegeben</translation>
    </message>
    <message>
        <source>Remove</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove</source>
        <comment>money</comment>
        <translation>Entnehmen</translation>
    </message>
    <message>
        <source>Remove an account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ein Konto entfernen</translation>
    </message>
    <message>
        <source>Remove funds</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Entnehmen</translation>
    </message>
    <message>
        <source>Remove funds - {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Entnehmen - {name}</translation>
    </message>
    <message>
        <source>Remove the CoinGecko key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Den CoinGecko-Schlüssel entfernen</translation>
    </message>
    <message>
        <source>Remove the account {name}?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto {name} entfernen?</translation>
    </message>
    <message>
        <source>Remove {channel}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{channel} entfernen</translation>
    </message>
    <message>
        <source>Remove {comes_out}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{comes_out} entnehmen</translation>
    </message>
    <message>
        <source>Remove {record}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{record} entfernen</translation>
    </message>
    <message>
        <source>Removed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Entfernt</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Entfernen…</translation>
    </message>
    <message>
        <source>Removing…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wird entnommen…</translation>
    </message>
    <message>
        <source>Rename</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Rename it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Rename the preset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Vorlage umbenennen</translation>
    </message>
    <message>
        <source>Rename this preset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Vorlage umbenennen</translation>
    </message>
    <message>
        <source>Reopen its market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Markt wieder öffnen</translation>
    </message>
    <message>
        <source>Repair {account}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{account} reparieren</translation>
    </message>
    <message>
        <source>Repair…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Reparieren…</translation>
    </message>
    <message>
        <source>Replace the coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coin ersetzen</translation>
    </message>
    <message>
        <source>Replace the coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins ersetzen</translation>
    </message>
    <message>
        <source>Replace {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} ersetzen</translation>
    </message>
    <message>
        <source>Replace {names}, or drop it and share the weight among the others: what cannot be sold goes back to the free pool. Or wait: Resume works when its market is open again. Or end the strategy: keep the coins, or sell what can be sold.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ersetzen Sie {names}, oder lassen Sie ihn weg und teilen Sie das Gewicht unter den anderen auf: Was nicht verkauft werden kann, geht in den freien Bestand zurück. Oder warten Sie: Fortsetzen geht, wenn sein Markt wieder offen ist. Oder beenden Sie die Strategie: Behalten Sie die Coins oder verkaufen Sie, was verkäuflich ist.</translation>
    </message>
    <message>
        <source>Replace {names}, or drop them and share the weight among the others: what cannot be sold goes back to the free pool. Or wait: Resume works when their markets are open again. Or end the strategy: keep the coins, or sell what can be sold.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ersetzen Sie {names}, oder lassen Sie sie weg und teilen Sie das Gewicht unter den anderen auf: Was nicht verkauft werden kann, geht in den freien Bestand zurück. Oder warten Sie: Fortsetzen geht, wenn ihre Märkte wieder offen sind. Oder beenden Sie die Strategie: Behalten Sie die Coins oder verkaufen Sie, was verkäuflich ist.</translation>
    </message>
    <message>
        <source>Replay</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wiedergabe</translation>
    </message>
    <message>
        <source>Replay of the demo market</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wiedergabe des Demomarkts</translation>
    </message>
    <message>
        <source>Reserved</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Reserviert</translation>
    </message>
    <message>
        <source>Reset all rails</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle Grenzen zurücksetzen</translation>
    </message>
    <message>
        <source>Reset paper account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übungskonto zurücksetzen</translation>
    </message>
    <message>
        <source>Reset paper account…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übungskonto zurücksetzen…</translation>
    </message>
    <message>
        <source>Reset {title}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title} zurücksetzen</translation>
    </message>
    <message>
        <source>Restore</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zurückspielen</translation>
    </message>
    <message>
        <source>Restore a backup</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Eine Sicherung zurückspielen</translation>
    </message>
    <message>
        <source>Restore…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zurückspielen…</translation>
    </message>
    <message>
        <source>Resume</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Resume trading</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel fortsetzen</translation>
    </message>
    <message>
        <source>Resume trading lifts Stop all for every strategy first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel fortsetzen hebt zuerst Alles stoppen für jede Strategie auf.</translation>
    </message>
    <message>
        <source>Resume trading on all accounts?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel auf allen Konten fortsetzen?</translation>
    </message>
    <message>
        <source>Resume trading…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel fortsetzen…</translation>
    </message>
    <message>
        <source>Resumed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Fortgesetzt.</translation>
    </message>
    <message>
        <source>Return</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rendite</translation>
    </message>
    <message>
        <source>Return a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rendite im Jahr</translation>
    </message>
    <message>
        <source>Return a year vs HODL, pp</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rendite im Jahr gegen HODL, PP</translation>
    </message>
    <message>
        <source>Returns on a card</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Renditen auf einer Karte</translation>
    </message>
    <message>
        <source>Rights of the key, at the exchange:</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rechte des Schlüssels an der Börse:</translation>
    </message>
    <message>
        <source>Rule</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Regel</translation>
    </message>
    <message>
        <source>Rule: {rule}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Regel: {rule}</translation>
    </message>
    <message>
        <source>Run again</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erneut testen</translation>
    </message>
    <message>
        <source>Run ahead to the next rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bis zum nächsten Rebalancing vorlaufen</translation>
    </message>
    <message>
        <source>Run the rule over past prices, beside the rules around it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Regel über frühere Preise laufen lassen, neben den Regeln ringsum.</translation>
    </message>
    <message>
        <source>Running</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Running ahead to the next rebalance.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Läuft zum nächsten Rebalancing vor.</translation>
    </message>
    <message numerus="yes">
        <source>Running: %n strategies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>Läuft: %n Strategie</numerusform><numerusform>Es laufen: %n Strategien</numerusform></translation>
    </message>
    <message>
        <source>Safety rails</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sicherheitsgrenzen</translation>
    </message>
    <message>
        <source>Sandbox (play money of the exchange)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sandbox (Spielgeld der Börse)</translation>
    </message>
    <message>
        <source>Save</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Save account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Konto speichern</translation>
    </message>
    <message>
        <source>Save and start</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Speichern und beginnen</translation>
    </message>
    <message>
        <source>Save as paper account</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Als Übungskonto speichern</translation>
    </message>
    <message>
        <source>Save as preset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Als Vorlage speichern</translation>
    </message>
    <message>
        <source>Save as preset: keep coins, weights and rule as a card of your own.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Als Vorlage speichern: Coins, Gewichte und Regel als eigene Karte behalten.</translation>
    </message>
    <message>
        <source>Save key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schlüssel speichern</translation>
    </message>
    <message>
        <source>Save to watch only</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur zum Beobachten speichern</translation>
    </message>
    <message>
        <source>Saved</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gespart</translation>
    </message>
    <message>
        <source>Saved among the cards.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bei den Karten gespeichert.</translation>
    </message>
    <message>
        <source>Saving…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wird gespeichert…</translation>
    </message>
    <message>
        <source>Say how much to invest.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sagen Sie, wie viel angelegt wird.</translation>
    </message>
    <message>
        <source>Say how much to invest: {least} to {free}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sagen Sie, wie viel angelegt wird: {least} bis {free}.</translation>
    </message>
    <message>
        <source>Say how much to invest; with the coins you use it may be 0.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sagen Sie, wie viel angelegt wird; mit den eingebrachten Coins darf es 0 sein.</translation>
    </message>
    <message>
        <source>Say with how much money the test begins, then press Run again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sagen Sie, mit wie viel Geld der Test beginnt, und drücken Sie Erneut testen.</translation>
    </message>
    <message>
        <source>Say with how much money the test begins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sagen Sie, mit wie viel Geld der Test beginnt.</translation>
    </message>
    <message>
        <source>Scale down</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Herunterskalieren</translation>
    </message>
    <message>
        <source>Search coins by ticker or name</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins nach Kürzel oder Name suchen</translation>
    </message>
    <message>
        <source>Search settings</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einstellungen suchen</translation>
    </message>
    <message>
        <source>Search the log</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Protokoll durchsuchen</translation>
    </message>
    <message>
        <source>Search the user guide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anleitung durchsuchen</translation>
    </message>
    <message>
        <source>Secret</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geheimnis</translation>
    </message>
    <message>
        <source>See in the orders what the exchange said. Press Resume to try again, or end the strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sehen Sie in den Orders, was die Börse sagte. Drücken Sie Fortsetzen für einen neuen Versuch, oder beenden Sie die Strategie.</translation>
    </message>
    <message>
        <source>Sell</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verkaufen</translation>
    </message>
    <message>
        <source>Sell all coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle Coins verkaufen</translation>
    </message>
    <message>
        <source>Sell all coins on stop</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beim Beenden alle Coins verkaufen</translation>
    </message>
    <message>
        <source>Sell all coins when it stops</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle Coins verkaufen, wenn sie endet</translation>
    </message>
    <message>
        <source>Sell the most overweight first</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das am stärksten Übergewichtete zuerst verkaufen</translation>
    </message>
    <message>
        <source>Selling and buying since</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verkaufen und Kaufen seither</translation>
    </message>
    <message>
        <source>Selling back: step 2 of 3.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rückverkauf: Schritt 2 von 3.</translation>
    </message>
    <message>
        <source>Sells</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verkäufe</translation>
    </message>
    <message>
        <source>Sells {sold}, buys {bought}; {cash}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verkauft {sold}, kauft {bought}; {cash}</translation>
    </message>
    <message>
        <source>Sending</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wird gesendet</translation>
    </message>
    <message>
        <source>Sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gesendet</translation>
    </message>
    <message>
        <source>Sep</source>
        <comment>month</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sep.</translation>
    </message>
    <message>
        <source>Set</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gesetzt</translation>
    </message>
    <message>
        <source>Set aside</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zurückgelegt</translation>
    </message>
    <message>
        <source>Set the most that one order may be worth.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Setzen Sie, wie viel eine Order höchstens wert sein darf.</translation>
    </message>
    <message>
        <source>Set this computer's clock by the network. From 5 s on nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Stellen Sie die Uhr dieses Computers über das Netz. Ab 5 s wird nichts gesendet.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Settings (*.json)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einstellungen (*.json)</translation>
    </message>
    <message>
        <source>Settings - {title}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einstellungen - {title}</translation>
    </message>
    <message>
        <source>Settings that were found</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gefundene Einstellungen</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einstellungen…</translation>
    </message>
    <message>
        <source>Several coins match: type the whole ticker, or tick one in the list.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mehrere Coins passen: Tippen Sie das ganze Kürzel oder wählen Sie einen in der Liste.</translation>
    </message>
    <message>
        <source>Share of the free money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anteil am freien Geld</translation>
    </message>
    <message>
        <source>Share out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verteilen</translation>
    </message>
    <message numerus="yes">
        <source>Show %n older</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>%n ältere zeigen</numerusform><numerusform>%n ältere zeigen</numerusform></translation>
    </message>
    <message>
        <source>Show everything</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles zeigen</translation>
    </message>
    <message>
        <source>Show it…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeigen…</translation>
    </message>
    <message>
        <source>Show journal</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Journal zeigen</translation>
    </message>
    <message>
        <source>Show numbers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zahlen zeigen</translation>
    </message>
    <message>
        <source>Show the next</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nächsten zeigen</translation>
    </message>
    <message>
        <source>Show the orders that would be sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Orders zeigen, die gesendet würden.</translation>
    </message>
    <message>
        <source>Show the rows of every strategy of this account, ended ones too</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Zeilen jeder Strategie dieses Kontos zeigen, auch beendeter</translation>
    </message>
    <message>
        <source>Show the whole plan</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Den ganzen Plan zeigen</translation>
    </message>
    <message>
        <source>Show the window</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Fenster zeigen</translation>
    </message>
    <message>
        <source>Show {text}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{text} zeigen</translation>
    </message>
    <message>
        <source>Shows the orders first; nothing is sent before.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeigt zuerst die Orders; vorher wird nichts gesendet.</translation>
    </message>
    <message>
        <source>Side</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Seite</translation>
    </message>
    <message>
        <source>Skip</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Überspringen</translation>
    </message>
    <message>
        <source>Skipped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausgelassen</translation>
    </message>
    <message>
        <source>Skipped </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausgelassen </translation>
    </message>
    <message>
        <source>Skipped {skipped}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausgelassen: {skipped}</translation>
    </message>
    <message>
        <source>Small legs will be skipped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kleine Orders werden ausgelassen</translation>
    </message>
    <message>
        <source>Smallest drift</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kleinste Abweichung</translation>
    </message>
    <message>
        <source>Smallest drift, pp</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kleinste Abweichung, PP</translation>
    </message>
    <message>
        <source>Smallest legal investment</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kleinster zulässiger Anlagebetrag</translation>
    </message>
    <message>
        <source>Smallest order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kleinste Order</translation>
    </message>
    <message>
        <source>Smallest tradable drift</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kleinste Abweichung</translation>
    </message>
    <message>
        <source>Sold</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verkauft</translation>
    </message>
    <message>
        <source>Sold back, it is being booked: step 3 of 3.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zurückverkauft, wird gebucht: Schritt 3 von 3.</translation>
    </message>
    <message>
        <source>Some settings cannot be used</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einige Einstellungen sind nicht verwendbar</translation>
    </message>
    <message>
        <source>Something happened that is yours to decide. The money stays where it is, nothing is sent, and the banner says what happened, what to do, and has the button for it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es geschah etwas, worüber Sie entscheiden müssen. Das Geld bleibt, wo es ist, nichts wird gesendet, und das Banner sagt, was geschah, was zu tun ist, und hat den Knopf dafür.</translation>
    </message>
    <message>
        <source>Something is not filled in yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Etwas ist noch nicht ausgefüllt.</translation>
    </message>
    <message>
        <source>Something of it is missing at the exchange: book the loss, or deposit it again, first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Etwas davon fehlt an der Börse: Buchen Sie zuerst den Verlust oder zahlen Sie es wieder ein.</translation>
    </message>
    <message>
        <source>Speed of the replay</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geschwindigkeit der Wiedergabe</translation>
    </message>
    <message>
        <source>Split by target weights (as Binance does)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nach Zielgewichten aufteilen (wie Binance)</translation>
    </message>
    <message>
        <source>Spot trading</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spot-Handel</translation>
    </message>
    <message>
        <source>Start and end</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Start und Ende</translation>
    </message>
    <message>
        <source>Start the program again to go on with it. What was stored before is kept in {kept}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Starten Sie das Programm neu, damit es damit weitergeht. Was zuvor gespeichert war, liegt in {kept}.</translation>
    </message>
    <message>
        <source>Start {name} now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} jetzt beginnen</translation>
    </message>
    <message>
        <source>Starting money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anfangsgeld</translation>
    </message>
    <message>
        <source>Starts when {words}, reached {side}. Its money is reserved meanwhile.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beginnt, wenn {words}, erreicht {side}. Ihr Geld ist bis dahin reserviert.</translation>
    </message>
    <message>
        <source>State</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>States</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zustände</translation>
    </message>
    <message>
        <source>Status</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Status</translation>
    </message>
    <message>
        <source>Still open</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch offen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Stop all</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles stoppen</translation>
    </message>
    <message>
        <source>Stop all is on: nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles stoppen ist aktiv: Nichts wird gesendet.</translation>
    </message>
    <message>
        <source>Stop all is on: press Resume trading first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles stoppen ist aktiv: Drücken Sie zuerst Handel fortsetzen.</translation>
    </message>
    <message>
        <source>Stop all was pressed: no order is sent on any account. Coins and cash stay where they are.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alles stoppen wurde gedrückt: Auf keinem Konto wird eine Order gesendet. Coins und Geld bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>Stop and keep the coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beenden und Coins behalten</translation>
    </message>
    <message>
        <source>Stop and restore</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anhalten und zurückspielen</translation>
    </message>
    <message>
        <source>Stop and sell</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beenden und verkaufen</translation>
    </message>
    <message>
        <source>Stop loading and working</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Laden und Rechnen abbrechen</translation>
    </message>
    <message>
        <source>Stop the engine and quit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Programm anhalten und beenden</translation>
    </message>
    <message>
        <source>Stop this strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Strategie beenden</translation>
    </message>
    <message>
        <source>Stop this strategy for good</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Strategie endgültig beenden</translation>
    </message>
    <message>
        <source>Stop {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} beenden</translation>
    </message>
    <message>
        <source>Stop-loss</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Stop-Loss</translation>
    </message>
    <message>
        <source>Strategies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Strategien</translation>
    </message>
    <message>
        <source>Strategies that were made from it stay as they are.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Daraus entstandene Strategien bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Strategie</translation>
    </message>
    <message>
        <source>Strategy files (*.json)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Strategiedateien (*.json)</translation>
    </message>
    <message>
        <source>Support report</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Supportbericht</translation>
    </message>
    <message>
        <source>Support report…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Supportbericht…</translation>
    </message>
    <message>
        <source>Switch trading on</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel einschalten</translation>
    </message>
    <message>
        <source>Switched off, nobody is asked: the caps that came with the program are used, which are old and say so.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausgeschaltet wird niemand gefragt: Die mitgelieferten Werte werden verwendet, die alt sind und das auch sagen.</translation>
    </message>
    <message>
        <source>Symbol whose price starts the strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Symbol, dessen Preis die Strategie beginnen lässt</translation>
    </message>
    <message>
        <source>Take it over as {new}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Als {new} übernehmen</translation>
    </message>
    <message>
        <source>Take money out of this strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld aus dieser Strategie nehmen</translation>
    </message>
    <message>
        <source>Take no cell for a promise. {LUCK}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nehmen Sie kein Feld für ein Versprechen. {LUCK}</translation>
    </message>
    <message>
        <source>Take order {venue_order_id} for this one and book nothing</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Order {venue_order_id} für diese nehmen und nichts buchen</translation>
    </message>
    <message>
        <source>Take play money out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spielgeld herausnehmen</translation>
    </message>
    <message>
        <source>Take them over</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übernehmen</translation>
    </message>
    <message>
        <source>Take {asset} out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} herausnehmen</translation>
    </message>
    <message>
        <source>Take-profit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Take-Profit</translation>
    </message>
    <message>
        <source>Target</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ziel</translation>
    </message>
    <message>
        <source>Target %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ziel %</translation>
    </message>
    <message>
        <source>Target weights</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zielgewichte</translation>
    </message>
    <message>
        <source>Tell me when</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mir sagen, wenn</translation>
    </message>
    <message>
        <source>Test</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Testen</translation>
    </message>
    <message>
        <source>Test anew with what stands here (F5)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mit den Angaben hier neu testen (F5)</translation>
    </message>
    <message>
        <source>Test connection</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verbindung testen</translation>
    </message>
    <message>
        <source>Test notifications of this desktop</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Benachrichtigungen dieses Desktops testen</translation>
    </message>
    <message>
        <source>Test the connection…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verbindung testen…</translation>
    </message>
    <message>
        <source>Test this rule</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Regel testen</translation>
    </message>
    <message>
        <source>Test this rule…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Regel testen…</translation>
    </message>
    <message>
        <source>Test {channel}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{channel} testen</translation>
    </message>
    <message>
        <source>That failed by a fault of the program.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das schlug durch einen Fehler des Programms fehl.</translation>
    </message>
    <message>
        <source>That is {value} {asset} more than is set aside: it is taken from {name}, then from the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das sind {value} {asset} mehr als zurückgelegt: Sie werden von {name} genommen, dann aus dem freien Bestand.</translation>
    </message>
    <message>
        <source>The account holds {value} {asset}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto hält {value} {asset}.</translation>
    </message>
    <message>
        <source>The account is being saved.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto wird gespeichert.</translation>
    </message>
    <message>
        <source>The account is on watch only: nothing is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto beobachtet nur: Nichts wird gesendet.</translation>
    </message>
    <message>
        <source>The account is on watch only: nothing is sent. Settings (Ctrl+,) has the trading mode.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto beobachtet nur: Nichts wird gesendet. Die Einstellungen (Strg+,) haben den Handelsmodus.</translation>
    </message>
    <message>
        <source>The account itself</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto selbst</translation>
    </message>
    <message>
        <source>The account may not trade any more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto darf nicht mehr handeln.</translation>
    </message>
    <message>
        <source>The account may trade</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto darf handeln</translation>
    </message>
    <message>
        <source>The account may trade again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto darf wieder handeln.</translation>
    </message>
    <message>
        <source>The account may trade again. Press Resume to go on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto darf wieder handeln. Drücken Sie Fortsetzen, damit es weitergeht.</translation>
    </message>
    <message>
        <source>The account of before is kept as a whole in {kept}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das frühere Konto liegt als Ganzes in {kept}.</translation>
    </message>
    <message>
        <source>The account was not removed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto wurde nicht entfernt</translation>
    </message>
    <message>
        <source>The account was removed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto wurde entfernt</translation>
    </message>
    <message>
        <source>The account {record} was saved. {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Konto {record} wurde gespeichert. {names}</translation>
    </message>
    <message>
        <source>The account's name</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Name des Kontos</translation>
    </message>
    <message>
        <source>The accounts are opened anew</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Konten werden neu geöffnet</translation>
    </message>
    <message>
        <source>The accounts cannot be read</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Konten können nicht gelesen werden</translation>
    </message>
    <message>
        <source>The arrow keys up and down move this line.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Pfeiltasten nach oben und unten verschieben diese Linie.</translation>
    </message>
    <message>
        <source>The backup is being checked…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung wird geprüft…</translation>
    </message>
    <message>
        <source>The backup is being made and checked…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung wird gemacht und geprüft…</translation>
    </message>
    <message>
        <source>The backup is in place</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung ist eingesetzt</translation>
    </message>
    <message>
        <source>The backup was made and checked: {file}, {size} kB, accounts: {accounts}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung wurde gemacht und geprüft: {file}, {size} kB, Konten: {accounts}.</translation>
    </message>
    <message>
        <source>The backup was not restored</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherung wurde nicht zurückgespielt</translation>
    </message>
    <message>
        <source>The best cell of the past is mostly luck.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das beste Feld der Vergangenheit ist meist Glück.</translation>
    </message>
    <message>
        <source>The built-in paper account stays; it can begin anew (Paper account).</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das eingebaute Übungskonto bleibt; es kann neu beginnen (Übungskonto).</translation>
    </message>
    <message>
        <source>The candles are on their way</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Kerzen sind unterwegs</translation>
    </message>
    <message>
        <source>The candles reach over less than {days} days.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Kerzen reichen über weniger als {days} Tage.</translation>
    </message>
    <message>
        <source>The cause is in the journal</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Ursache steht im Journal</translation>
    </message>
    <message>
        <source>The change holds from now on; the journal has it as a new version.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Änderung gilt ab jetzt; das Journal führt sie als neue Version.</translation>
    </message>
    <message>
        <source>The chosen line as a whole</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die gewählte Zeile als Ganzes</translation>
    </message>
    <message>
        <source>The chosen lines, or all that are shown</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die gewählten Zeilen, oder alle gezeigten</translation>
    </message>
    <message>
        <source>The coin was taken over under its new name. Press Resume, and it goes on; or end the strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Coin wurde unter seinem neuen Namen übernommen. Drücken Sie Fortsetzen, und sie läuft weiter; oder beenden Sie die Strategie.</translation>
    </message>
    <message>
        <source>The coins are at their target weights.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Coins sind auf ihren Zielgewichten.</translation>
    </message>
    <message>
        <source>The connection could not be checked.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Verbindung konnte nicht geprüft werden.</translation>
    </message>
    <message>
        <source>The connection could not be checked: press Check again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Verbindung konnte nicht geprüft werden: Drücken Sie Erneut prüfen.</translation>
    </message>
    <message>
        <source>The connection is being tested.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Verbindung wird getestet.</translation>
    </message>
    <message>
        <source>The connection was not checked yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Verbindung wurde noch nicht geprüft.</translation>
    </message>
    <message>
        <source>The connection works</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Verbindung funktioniert</translation>
    </message>
    <message>
        <source>The date and time of the replay, UTC: every rule, interval and timestamp runs on it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Datum und Zeit der Wiedergabe, UTC: Jede Regel, jedes Intervall und jeder Zeitstempel läuft danach.</translation>
    </message>
    <message>
        <source>The deepest fall from a peak</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der tiefste Fall von einem Höchststand</translation>
    </message>
    <message>
        <source>The demo market stands still until you answer.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Demomarkt steht still, bis Sie antworten.</translation>
    </message>
    <message>
        <source>The difference of the returns a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Unterschied der Renditen im Jahr</translation>
    </message>
    <message>
        <source>The drift at which the smallest legal order of some coin is reached. Under it nothing can be traded, whatever the threshold says: invest more, or choose a larger threshold.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Abweichung, bei der die kleinste zulässige Order eines Coins erreicht ist. Darunter kann nichts gehandelt werden, gleich was der Schwellenwert sagt: Legen Sie mehr an oder wählen Sie einen größeren Schwellenwert.</translation>
    </message>
    <message>
        <source>The engine did not stop in time, so {not_done}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Programm hielt nicht rechtzeitig an, darum: {not_done}.</translation>
    </message>
    <message>
        <source>The engine does not run.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Handelsmaschine läuft nicht.</translation>
    </message>
    <message>
        <source>The engine goes on. The icon here brings the window back.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Handelsmaschine läuft weiter. Dieses Symbol bringt das Fenster zurück.</translation>
    </message>
    <message>
        <source>The engine is not running</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Handelsmaschine läuft nicht</translation>
    </message>
    <message>
        <source>The engine is not running.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Handelsmaschine läuft nicht.</translation>
    </message>
    <message>
        <source>The engine is not running: nothing was changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Handelsmaschine läuft nicht: Nichts wurde geändert.</translation>
    </message>
    <message>
        <source>The engine is starting: there are no prices yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Programm startet: Noch gibt es keine Preise.</translation>
    </message>
    <message>
        <source>The engine is starting…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Programm startet…</translation>
    </message>
    <message>
        <source>The engine is stopped safely first: nothing is lost, and every account goes on where it is.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Programm hält zuerst sicher an: Nichts geht verloren, und jedes Konto macht dort weiter, wo es ist.</translation>
    </message>
    <message>
        <source>The engine is stopped safely first; then the account is moved into the backups and a new one begins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Programm hält zuerst sicher an; dann kommt das Konto in die Sicherungen, und ein neues beginnt.</translation>
    </message>
    <message>
        <source>The engine stopped because of a fault in the program: {error}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Handelsmaschine hielt durch einen Fehler im Programm an: {error}</translation>
    </message>
    <message>
        <source>The engine watches these levels; nothing rests on the exchange. While the program is closed, asleep or offline they do not fire. Each needs {GOOD_QUOTES} good quotes in a row, at least {APART} apart.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Programm beobachtet diese Marken; an der Börse liegt nichts. Solange es geschlossen ist, der Computer schläft oder offline ist, greifen sie nicht. Jede braucht {GOOD_QUOTES} gute Kurse in Folge, mindestens {APART} auseinander.</translation>
    </message>
    <message>
        <source>The exchange does not list its orders now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse listet ihre Orders jetzt nicht auf.</translation>
    </message>
    <message>
        <source>The exchange does not tell what this key may do.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse sagt nicht, was dieser Schlüssel darf.</translation>
    </message>
    <message>
        <source>The exchange has not answered yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse hat noch nicht geantwortet.</translation>
    </message>
    <message>
        <source>The exchange is asked once more what this key may do.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse wird noch einmal gefragt, was dieser Schlüssel darf.</translation>
    </message>
    <message>
        <source>The exchange is being asked.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse wird gefragt.</translation>
    </message>
    <message>
        <source>The exchange lists no order that could be this one.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse führt keine Order, die diese sein könnte.</translation>
    </message>
    <message>
        <source>The exchange renamed {pairs}, one for one. {STAYS}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Börse hat {pairs} umbenannt, eins zu eins. {STAYS}</translation>
    </message>
    <message>
        <source>The fee is what the exchange says.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Gebühr ist die, die die Börse nennt.</translation>
    </message>
    <message>
        <source>The file cannot be read: {value}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei kann nicht gelesen werden: {value}.</translation>
    </message>
    <message>
        <source>The file is being read: {value} %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei wird gelesen: {value} %</translation>
    </message>
    <message>
        <source>The file is there already: it is replaced when the new one is complete.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei gibt es schon: Sie wird ersetzt, wenn die neue vollständig ist.</translation>
    </message>
    <message>
        <source>The file was not written: {value}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Datei wurde nicht geschrieben: {value}.</translation>
    </message>
    <message>
        <source>The files of {account} are looked at…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Dateien von {account} werden angesehen…</translation>
    </message>
    <message>
        <source>The first build is in it, the spread is not</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der erste Aufbau ist darin, der Spread nicht</translation>
    </message>
    <message>
        <source>The first contact is held</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Erstkontakt ist angehalten</translation>
    </message>
    <message>
        <source>The first contact is under way</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Erstkontakt läuft</translation>
    </message>
    <message>
        <source>The first contact is under way.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Erstkontakt läuft.</translation>
    </message>
    <message>
        <source>The first contact was cut short</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Erstkontakt wurde unterbrochen</translation>
    </message>
    <message>
        <source>The first contact was cut short.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Erstkontakt wurde unterbrochen.</translation>
    </message>
    <message>
        <source>The first samples come with the next prices.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die ersten Werte kommen mit den nächsten Preisen.</translation>
    </message>
    <message>
        <source>The folder {folder} is not there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Den Ordner {folder} gibt es nicht.</translation>
    </message>
    <message>
        <source>The free pool holds no coin that trades in {quote}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der freie Bestand hält keinen Coin, der in {quote} handelbar ist.</translation>
    </message>
    <message>
        <source>The free pool holds {coins}: add what you want to use to the coins above.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der freie Bestand hält {coins}: Fügen Sie oben zu den Coins hinzu, was Sie verwenden möchten.</translation>
    </message>
    <message>
        <source>The installation is incomplete: {error}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Installation ist unvollständig: {error}</translation>
    </message>
    <message>
        <source>The investment must be above 0 {quote}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Anlagebetrag muss über 0 {quote} liegen.</translation>
    </message>
    <message>
        <source>The key may do more than it needs.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel darf vielleicht mehr, als er braucht.</translation>
    </message>
    <message>
        <source>The key works from every address.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüssel gilt von jeder Adresse.</translation>
    </message>
    <message>
        <source>The keyring is locked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schlüsselbund ist verschlossen</translation>
    </message>
    <message>
        <source>The keys are unlocked. Accounts that waited for them are opened now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Schlüssel sind entsperrt. Konten, die darauf warteten, werden jetzt geöffnet.</translation>
    </message>
    <message>
        <source>The keys stay locked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Schlüssel bleiben verschlossen</translation>
    </message>
    <message>
        <source>The language is changed at the next start.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sprache wechselt beim nächsten Start.</translation>
    </message>
    <message>
        <source>The legal range is being read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der zulässige Bereich wird gelesen.</translation>
    </message>
    <message>
        <source>The lines as numbers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Linien als Zahlen</translation>
    </message>
    <message>
        <source>The lines…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Linien…</translation>
    </message>
    <message>
        <source>The log file says more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Protokolldatei sagt mehr.</translation>
    </message>
    <message>
        <source>The map is not complete</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Karte ist nicht vollständig</translation>
    </message>
    <message>
        <source>The map of rules…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Karte der Regeln…</translation>
    </message>
    <message>
        <source>The market caps are being read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Marktkapitalisierung wird gelesen.</translation>
    </message>
    <message>
        <source>The market caps could not be read: {message}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Marktkapitalisierung konnte nicht gelesen werden: {message}</translation>
    </message>
    <message>
        <source>The market is closed, so they cannot be sold: they stay yours as coins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Markt ist geschlossen, darum können sie nicht verkauft werden: Sie bleiben als Coins die Ihren.</translation>
    </message>
    <message>
        <source>The market is open again: press Resume, and it goes on; or end the strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Markt ist wieder offen: Drücken Sie Fortsetzen, und sie läuft weiter; oder beenden Sie die Strategie.</translation>
    </message>
    <message>
        <source>The market of {coin} is halted already.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Markt von {coin} ist schon angehalten.</translation>
    </message>
    <message>
        <source>The market of {coin} is open.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Markt von {coin} ist offen.</translation>
    </message>
    <message>
        <source>The market of {names} is closed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Markt von {names} ist geschlossen</translation>
    </message>
    <message>
        <source>The markets are not loaded yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Märkte sind noch nicht geladen.</translation>
    </message>
    <message>
        <source>The markets are those of a real exchange: only it can halt, delist or rename a coin.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Märkte sind die einer echten Börse: Nur sie kann einen Coin anhalten, vom Handel nehmen oder umbenennen.</translation>
    </message>
    <message>
        <source>The method</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Methode</translation>
    </message>
    <message>
        <source>The money stays as cash until a rebalance can use it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Geld bleibt liegen, bis ein Rebalancing es verwenden kann.</translation>
    </message>
    <message>
        <source>The most that one order may be worth</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Höchstwert einer Order</translation>
    </message>
    <message>
        <source>The newest {count} rows; older ones come as you scroll down.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die neuesten {count} Zeilen; ältere kommen beim Hinunterrollen.</translation>
    </message>
    <message>
        <source>The next rebalance tries again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das nächste Rebalancing versucht es wieder.</translation>
    </message>
    <message>
        <source>The order was discarded: what was set aside for it belongs to {name} again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Order wurde verworfen: Was für sie zurückgelegt war, gehört wieder {name}.</translation>
    </message>
    <message>
        <source>The orders are being planned.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Orders werden geplant.</translation>
    </message>
    <message>
        <source>The other accounts go on. For the moment of the repair the engine is stopped safely; then all accounts are opened anew and go on where they are.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die anderen Konten laufen weiter. Für den Augenblick der Reparatur hält das Programm sicher an; dann werden alle Konten neu geöffnet und machen dort weiter, wo sie sind.</translation>
    </message>
    <message>
        <source>The other coins share its weight in their proportions.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die anderen Coins teilen sich sein Gewicht im Verhältnis.</translation>
    </message>
    <message>
        <source>The outcome of its order is being looked up. It goes on as soon as that is known.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Ergebnis seiner Order wird nachgeschlagen. Es geht weiter, sobald es bekannt ist.</translation>
    </message>
    <message>
        <source>The pages of this guide are in English.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Seiten dieser Anleitung sind auf Englisch.</translation>
    </message>
    <message>
        <source>The paper account begins anew</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Übungskonto beginnt neu</translation>
    </message>
    <message>
        <source>The paper account is being reset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Übungskonto wird zurückgesetzt</translation>
    </message>
    <message>
        <source>The paper account was not reset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Übungskonto wurde nicht zurückgesetzt</translation>
    </message>
    <message>
        <source>The portfolio after these orders</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Portfolio nach diesen Orders</translation>
    </message>
    <message>
        <source>The portfolio before and after</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Portfolio vorher und danach</translation>
    </message>
    <message>
        <source>The portfolio is brought to its weights with the added money.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Portfolio kommt mit dem hinzugefügten Geld auf seine Gewichte.</translation>
    </message>
    <message>
        <source>The portfolio is brought to these weights at the next good prices.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Portfolio kommt bei den nächsten guten Preisen auf diese Gewichte.</translation>
    </message>
    <message>
        <source>The presets could not be read: {failure}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Vorlagen konnten nicht gelesen werden: {failure}</translation>
    </message>
    <message>
        <source>The profit in two parts, {quote}: what sales, fees and coins given back have brought, and what the coins that are held have gained on paper</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Gewinn in zwei Teilen, {quote}: was Verkäufe, Gebühren und zurückgegebene Coins gebracht haben, und was die gehaltenen Coins auf dem Papier gewonnen haben</translation>
    </message>
    <message>
        <source>The real exchange</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die echte Börse</translation>
    </message>
    <message>
        <source>The records are being written.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Aufzeichnungen werden geschrieben.</translation>
    </message>
    <message>
        <source>The records are being written…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Aufzeichnungen werden geschrieben…</translation>
    </message>
    <message>
        <source>The replay has reached its last day{day}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Wiedergabe hat ihren letzten Tag erreicht{day}.</translation>
    </message>
    <message>
        <source>The replay is over.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Wiedergabe ist zu Ende.</translation>
    </message>
    <message>
        <source>The replay stands still while no engine runs and goes on from there at the next start.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Wiedergabe steht still, solange keine Handelsmaschine läuft, und geht beim nächsten Start von dort weiter.</translation>
    </message>
    <message>
        <source>The report is being made…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Bericht wird gemacht…</translation>
    </message>
    <message>
        <source>The rest of what is set aside, {value} {asset}, goes back to {name}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Rest des Zurückgelegten, {value} {asset}, geht an {name} zurück.</translation>
    </message>
    <message>
        <source>The return of the portfolio itself, whatever money came or went and when. The figure to compare with another portfolio, or with a fund.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Rendite des Portfolios selbst, gleich welches Geld wann kam oder ging. Die Zahl für den Vergleich mit einem anderen Portfolio oder einem Fonds.</translation>
    </message>
    <message>
        <source>The return of the portfolio itself, whatever money came or went; fees are inside</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Rendite des Portfolios selbst, gleich welches Geld kam oder ging; Gebühren sind darin</translation>
    </message>
    <message>
        <source>The right to trade is there again: press Resume; or end the strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das Handelsrecht ist wieder da: Drücken Sie Fortsetzen; oder beenden Sie die Strategie.</translation>
    </message>
    <message>
        <source>The rule cannot be read yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Regel ist noch nicht lesbar.</translation>
    </message>
    <message>
        <source>The rules next to yours did about as well.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Regeln neben Ihrer waren etwa gleich gut.</translation>
    </message>
    <message>
        <source>The rules next to yours did quite differently.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Regeln neben Ihrer schnitten recht anders ab.</translation>
    </message>
    <message>
        <source>The safety rails were changed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Sicherheitsgrenzen wurden geändert.</translation>
    </message>
    <message>
        <source>The same passphrase once more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch einmal dieselbe Passphrase</translation>
    </message>
    <message>
        <source>The sells are sent at the next good prices; Rebalances and Transfers show what came out.{hint}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Verkäufe werden bei den nächsten guten Preisen gesendet; Rebalancings und Transfers zeigen, was herauskam.{hint}</translation>
    </message>
    <message>
        <source>The settings were written to {file}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Einstellungen wurden nach {file} geschrieben.</translation>
    </message>
    <message>
        <source>The smallest amount at which every coin can be bought.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der kleinste Betrag, mit dem jeder Coin gekauft werden kann.</translation>
    </message>
    <message>
        <source>The smallest order of {asset} is {amount} {quote}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die kleinste Order von {asset} ist {amount} {quote}.</translation>
    </message>
    <message>
        <source>The strategies keep their state. Prices can go on from here by a random walk, which is invented; or the paper account begins anew, at the date where the replay begins.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Strategien behalten ihren Zustand. Die Preise können von hier mit einem Zufallslauf weitergehen, der erfunden ist; oder das Übungskonto beginnt neu, an dem Tag, an dem die Wiedergabe beginnt.</translation>
    </message>
    <message>
        <source>The strategy ends{said}; its tabs stay readable.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Strategie endet{said}; ihre Reiter bleiben lesbar.</translation>
    </message>
    <message>
        <source>The strategy that has ended leaves</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die beendete Strategie verlässt</translation>
    </message>
    <message>
        <source>The strategy that is not over</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Strategie, die nicht beendet ist</translation>
    </message>
    <message>
        <source>The strategy waits, with its money reserved, until this symbol's price is reached: from below where the level is above the price now, from above where it is below. Three good prices in a row are needed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Strategie wartet mit reserviertem Geld, bis der Preis dieses Symbols erreicht ist: von unten, wo die Marke über dem jetzigen Preis liegt, von oben, wo sie darunter liegt. Drei gute Preise in Folge sind nötig.</translation>
    </message>
    <message>
        <source>The strategy's value against the same money, bought at the target weights at the same moments and never traded again. Above zero, rebalancing did better than holding; below, worse. Fees are inside both.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Wert der Strategie gegen dasselbe Geld, zu denselben Zeitpunkten zu den Zielgewichten gekauft und nie wieder gehandelt. Über null war Rebalancing besser als Halten; darunter schlechter. Gebühren sind in beiden.</translation>
    </message>
    <message>
        <source>The switch is in Paper account, beside the plate at the top.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Schalter steht im Übungskonto, neben dem Schild oben.</translation>
    </message>
    <message>
        <source>The test begins as soon as they are there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Test beginnt, sobald sie da sind.</translation>
    </message>
    <message>
        <source>The test did not go through.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Test ging nicht durch.</translation>
    </message>
    <message>
        <source>The test is shorter than 7 days: nothing is said a year.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Test ist kürzer als 7 Tage: Aufs Jahr wird nichts gesagt.</translation>
    </message>
    <message>
        <source>The test message was not sent: {text}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Testnachricht wurde nicht gesendet: {text}</translation>
    </message>
    <message>
        <source>The test message was sent. See whether it arrives.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Testnachricht wurde gesendet. Sehen Sie, ob sie ankommt.</translation>
    </message>
    <message>
        <source>The test was cancelled</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Test wurde abgebrochen</translation>
    </message>
    <message>
        <source>The test would begin after it ends: choose a day before {last}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Test begänne nach seinem Ende: Wählen Sie einen Tag vor dem {last}.</translation>
    </message>
    <message>
        <source>The time-weighted return a year, over whole days</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die zeitgewichtete Rendite im Jahr, über ganze Tage</translation>
    </message>
    <message>
        <source>The time-weighted return, as if it went on like this for a year. Under seven days it says nothing and is not shown. It is no forecast.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die zeitgewichtete Rendite, als ginge es ein Jahr so weiter. Unter sieben Tagen sagt sie nichts und wird nicht gezeigt. Sie ist keine Vorhersage.</translation>
    </message>
    <message>
        <source>The total is known when every coin has a good price.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Summe ist bekannt, wenn jeder Coin einen guten Preis hat.</translation>
    </message>
    <message>
        <source>The unit is missing: write a number and a unit, such as 30 min, 36 h or 7 d.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Einheit fehlt: Schreiben Sie eine Zahl und eine Einheit, etwa 30 min, 36 h oder 7 d.</translation>
    </message>
    <message>
        <source>The user guide cannot be read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Anleitung kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The value goes from {first} to {last}, HODL to {hodl}: {versus} against HODL.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Wert geht von {first} bis {last}, HODL bis {hodl}: {versus} gegenüber HODL.</translation>
    </message>
    <message>
        <source>The value goes from {first} to {last}, HODL to {hodl}; the worst drawdown is {worst}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Wert geht von {first} bis {last}, HODL bis {hodl}; der größte Rückgang ist {worst}.</translation>
    </message>
    <message>
        <source>The weights of today, held over the last 7, 30 and 180 days and rebalanced once a day without fees, as if it had gone on like this for a year. Coins that did badly and vanished are not among them.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Gewichte von heute, über die letzten 7, 30 und 180 Tage gehalten und einmal am Tag ohne Gebühren rebalanciert, als ginge es ein Jahr so weiter. Coins, die schlecht liefen und verschwanden, sind nicht dabei.</translation>
    </message>
    <message>
        <source>The whole account is moved into the folder “backups” of your data folder: strategies, orders, transfers, journal, and what the paper exchange itself has written. Nothing is deleted, but the program does not open it again by itself.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das ganze Konto kommt in den Ordner „backups“ Ihres Datenordners: Strategien, Orders, Transfers, Journal und was die Übungsbörse selbst geschrieben hat. Nichts wird gelöscht, doch das Programm öffnet es nicht wieder von selbst.</translation>
    </message>
    <message>
        <source>The whole data folder in one file: accounts, strategies, history, settings. The engine goes on meanwhile, and the file is checked after it was written. No key is in it. Whoever has it can read what you hold.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der ganze Datenordner in einer Datei: Konten, Strategien, Verlauf, Einstellungen. Die Handelsmaschine läuft dabei weiter, und die Datei wird nach dem Schreiben geprüft. Kein Schlüssel ist darin. Wer sie hat, kann lesen, was Sie halten.</translation>
    </message>
    <message>
        <source>The whole form</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das ganze Formular</translation>
    </message>
    <message>
        <source>The whole plan</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der ganze Plan</translation>
    </message>
    <message>
        <source>The whole text</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der ganze Text</translation>
    </message>
    <message>
        <source>The worst drift is not known: a price is missing.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die größte Abweichung ist nicht bekannt: Ein Preis fehlt.</translation>
    </message>
    <message>
        <source>The worst drift is not known: {value}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die größte Abweichung ist nicht bekannt: {value}.</translation>
    </message>
    <message>
        <source>The worst drift is {asset} {drift}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die größte Abweichung ist {asset} {drift}.</translation>
    </message>
    <message>
        <source>The yearly rate at which your own money grew, with each payment counted from its day (XIRR). It is high when you added before a rise, low when you added before a fall.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Jahressatz, mit dem Ihr eigenes Geld wuchs, jede Zahlung von ihrem Tag an gerechnet (XIRR). Er ist hoch, wenn Sie vor einem Anstieg nachlegten, niedrig, wenn vor einem Fall.</translation>
    </message>
    <message>
        <source>The {end} ended it there: the lines end with it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{end} beendete es dort: Die Linien enden damit.</translation>
    </message>
    <message>
        <source>The {over} strategies that have ended leave</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die {over} beendeten Strategien verlassen</translation>
    </message>
    <message>
        <source>There is a coin called {name} already: choose another name.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt schon einen Coin namens {name}: Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>There is a preset named {name} already: choose another name.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt schon eine Vorlage namens {name}: Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>There is no card to create from.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keine Karte zum Anlegen.</translation>
    </message>
    <message>
        <source>There is no key to test: without one it is a paper account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keinen Schlüssel zu testen: Ohne ihn ist es ein Übungskonto.</translation>
    </message>
    <message>
        <source>There is no key.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keinen Schlüssel.</translation>
    </message>
    <message>
        <source>There is no later page.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt keine spätere Seite.</translation>
    </message>
    <message>
        <source>There is no price for {asset} yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für {asset} gibt es noch keinen Preis.</translation>
    </message>
    <message>
        <source>There is no price for {names} yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für {names} gibt es noch keinen Preis.</translation>
    </message>
    <message>
        <source>There is no such entry in the list.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Einen solchen Eintrag gibt es in der Liste nicht.</translation>
    </message>
    <message>
        <source>There is not a good price for every coin. {stop}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nicht für jeden Coin gibt es einen guten Preis. {stop}</translation>
    </message>
    <message>
        <source>There is nothing to copy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Es gibt nichts zu kopieren.</translation>
    </message>
    <message>
        <source>There is nothing to use yet: the test has not been run.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch gibt es nichts zu verwenden: Der Test lief noch nicht.</translation>
    </message>
    <message>
        <source>There is nothing yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch gibt es nichts.</translation>
    </message>
    <message>
        <source>These are estimates from the past, not a promise: a wild month trades several times as often as a calm one.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das sind Schätzungen aus der Vergangenheit, kein Versprechen: Ein wilder Monat handelt mehrmals so oft wie ein ruhiger.</translation>
    </message>
    <message>
        <source>These are the coins and weights it has: change something first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das sind ihre jetzigen Coins und Gewichte: Ändern Sie zuerst etwas.</translation>
    </message>
    <message>
        <source>These orders are not sent now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Orders werden jetzt nicht gesendet</translation>
    </message>
    <message>
        <source>They can be neither bought nor sold: another coin takes the weight, or the other coins share it. What is held of them goes back to the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie können weder gekauft noch verkauft werden: Ein anderer Coin übernimmt das Gewicht, oder die anderen teilen es sich. Was davon gehalten wird, geht in den freien Bestand zurück.</translation>
    </message>
    <message>
        <source>They could not be listed: {unlisted}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie konnten nicht aufgelistet werden: {unlisted}</translation>
    </message>
    <message>
        <source>They differ by up to {differ}{over}; {spans} What changes so much from one step to the next is chance. {LUCK}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie unterscheiden sich um bis zu {differ}{over}; {spans} Was sich von einem Schritt zum nächsten so ändert, ist Zufall. {LUCK}</translation>
    </message>
    <message>
        <source>They differ by {differ}{over}; {spans} {LUCK}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie unterscheiden sich um {differ}{over}; {spans} {LUCK}</translation>
    </message>
    <message>
        <source>This</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dies</translation>
    </message>
    <message>
        <source>This account only watches: plans are shown, nothing is sent. When all three parts are done, the program sends orders with {money}. Settings takes it back to watch only at any time.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieses Konto beobachtet nur: Pläne werden gezeigt, nichts wird gesendet. Wenn alle drei Teile erledigt sind, sendet das Programm Orders mit {money}. In den Einstellungen kommt es jederzeit zum Nur-Beobachten zurück.</translation>
    </message>
    <message>
        <source>This cannot be added</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das kann nicht hinzugefügt werden</translation>
    </message>
    <message>
        <source>This cannot be changed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das kann nicht geändert werden</translation>
    </message>
    <message>
        <source>This cannot be created</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das kann nicht angelegt werden</translation>
    </message>
    <message>
        <source>This cannot be removed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das kann nicht entnommen werden</translation>
    </message>
    <message>
        <source>This cannot be started</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das kann nicht beginnen</translation>
    </message>
    <message>
        <source>This cannot be tested</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das kann nicht getestet werden</translation>
    </message>
    <message>
        <source>This computer</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieser Computer</translation>
    </message>
    <message>
        <source>This computer's clock is wrong.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Uhr dieses Computers geht falsch.</translation>
    </message>
    <message>
        <source>This file cannot be imported.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Datei kann nicht importiert werden.</translation>
    </message>
    <message>
        <source>This is a folder. Drop the strategy files that are in it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das ist ein Ordner. Legen Sie die Strategiedateien darin ab.</translation>
    </message>
    <message>
        <source>This is a folder: name a file in it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das ist ein Ordner: Nennen Sie eine Datei darin.</translation>
    </message>
    <message>
        <source>This is a paper account: no real order is ever sent. Accounts at an exchange begin on watch only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dies ist ein Übungskonto: Nie wird eine echte Order gesendet. Konten an einer Börse beginnen mit Nur beobachten.</translation>
    </message>
    <message>
        <source>This is all that is copied: versions, kinds and states of accounts, settings, the last warnings. There is no key in it, no name of an account or strategy, no amount. Read it before you send it to somebody.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das ist alles, was kopiert wird: Versionen, Arten und Zustände von Konten, Einstellungen, die letzten Warnungen. Kein Schlüssel ist darin, kein Name eines Kontos oder einer Strategie, kein Betrag. Lesen Sie es, bevor Sie es jemandem senden.</translation>
    </message>
    <message>
        <source>This is no tax advice: which method your country wants, and what counts as a sale there, is for you to find out. What is not known is written as “unknown”, never as 0.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das ist keine Steuerberatung: Welche Methode Ihr Land verlangt und was dort als Verkauf zählt, müssen Sie herausfinden. Was nicht bekannt ist, steht als „unknown“ darin, nie als 0.</translation>
    </message>
    <message>
        <source>This is not offered here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Das gibt es hier nicht.</translation>
    </message>
    <message>
        <source>This is where you began.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Hier haben Sie begonnen.</translation>
    </message>
    <message>
        <source>This key can take money out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieser Schlüssel kann Geld auszahlen</translation>
    </message>
    <message>
        <source>This key can take money out. It is refused.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieser Schlüssel kann Geld auszahlen. Er wird abgelehnt.</translation>
    </message>
    <message>
        <source>This key may not trade.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieser Schlüssel darf nicht handeln.</translation>
    </message>
    <message>
        <source>This list has one kind of row only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Liste hat nur eine Art von Zeilen.</translation>
    </message>
    <message>
        <source>This order is decided.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über diese Order ist entschieden.</translation>
    </message>
    <message>
        <source>This program does not judge whether a portfolio or a rule suits you. That a coin belongs to a category, or that its weight is typical of one, is not warranted.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieses Programm beurteilt nicht, ob ein Portfolio oder eine Regel zu Ihnen passt. Dass ein Coin zu einer Kategorie gehört oder sein Gewicht dafür typisch ist, wird nicht zugesichert.</translation>
    </message>
    <message>
        <source>This proposal is over. Close this, and look at the one that stands now.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieser Vorschlag ist vorbei. Schließen Sie dies und sehen Sie den jetzigen an.</translation>
    </message>
    <message>
        <source>This rule</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Regel</translation>
    </message>
    <message>
        <source>This session has no desktop that shows notifications.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Sitzung hat keinen Desktop, der Benachrichtigungen zeigt.</translation>
    </message>
    <message>
        <source>This strategy has ended.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Strategie ist beendet.</translation>
    </message>
    <message>
        <source>This year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Dieses Jahr</translation>
    </message>
    <message>
        <source>Those that sent an order; the first build is none of them</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die, die eine Order sendeten; der erste Aufbau gehört nicht dazu</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schwellenwert</translation>
    </message>
    <message>
        <source>Threshold (rows) and interval (columns)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schwellenwert (Zeilen) und Intervall (Spalten)</translation>
    </message>
    <message>
        <source>Threshold in percentage points</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schwellenwert in Prozentpunkten</translation>
    </message>
    <message>
        <source>Tick the box above first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Setzen Sie zuerst das Häkchen oben.</translation>
    </message>
    <message>
        <source>Tick the coins to add.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Haken Sie die Coins an, die dazukommen.</translation>
    </message>
    <message>
        <source>Tick: {names}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anhaken: {names}.</translation>
    </message>
    <message>
        <source>Ticker or name, or several tickers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Kürzel oder Name, oder mehrere Kürzel</translation>
    </message>
    <message>
        <source>Time</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Time offset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeitversatz</translation>
    </message>
    <message>
        <source>Time, UTC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeit, UTC</translation>
    </message>
    <message>
        <source>Time-weighted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeitgewichtet</translation>
    </message>
    <message>
        <source>Time-weighted return</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zeitgewichtete Rendite</translation>
    </message>
    <message>
        <source>Times</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mal</translation>
    </message>
    <message>
        <source>To</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bis</translation>
    </message>
    <message>
        <source>To decide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu entscheiden</translation>
    </message>
    <message>
        <source>To take everything out, stop the strategy.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Um alles zu entnehmen, beenden Sie die Strategie.</translation>
    </message>
    <message>
        <source>To the free pool, after fees: {out}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>In den freien Bestand, nach Gebühren: {out}</translation>
    </message>
    <message>
        <source>To: </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bis: </translation>
    </message>
    <message>
        <source>Today</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Heute</translation>
    </message>
    <message>
        <source>Today's profit is known when every coin has a good price.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der heutige Gewinn ist bekannt, wenn jeder Coin einen guten Preis hat.</translation>
    </message>
    <message>
        <source>Today's profit is not known: {coins} of a strategy has no price, because its market is closed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der heutige Gewinn ist nicht bekannt: {coins} einer Strategie hat keinen Preis, weil sein Markt geschlossen ist.</translation>
    </message>
    <message>
        <source>Too fine: at most {MAX_DECIMALS} decimals.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu fein: höchstens {MAX_DECIMALS} Nachkommastellen.</translation>
    </message>
    <message>
        <source>Too fine: at most {decimals} {part}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu fein: höchstens {decimals} {part}.</translation>
    </message>
    <message>
        <source>Too large: at most {MAX_WHOLE_DIGITS} digits before the decimal mark.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu groß: höchstens {MAX_WHOLE_DIGITS} Stellen vor dem Dezimalzeichen.</translation>
    </message>
    <message>
        <source>Too large: {range}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu groß: {range}.</translation>
    </message>
    <message>
        <source>Too little for {names}: the smallest that works is {least}{with_coins}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu wenig für {names}: Das Kleinste, das geht, ist {least}{with_coins}.</translation>
    </message>
    <message>
        <source>Too long: 90 d is the longest there is.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu lang: 90 d ist das Längste.</translation>
    </message>
    <message>
        <source>Too long: {bars} candles a coin. Choose longer candles, or fewer days.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu lang: {bars} Kerzen je Coin. Wählen Sie längere Kerzen oder weniger Tage.</translation>
    </message>
    <message>
        <source>Too short: {LEAST_BARS} candles are needed, which are {least} days of these.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu kurz: {LEAST_BARS} Kerzen sind nötig, das sind {least} Tage davon.</translation>
    </message>
    <message>
        <source>Too small for any order: the smallest amount now is {smallest}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu klein für jede Order: Der kleinste Betrag ist jetzt {smallest}.</translation>
    </message>
    <message>
        <source>Too small to rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu klein zum Rebalancieren</translation>
    </message>
    <message>
        <source>Too small: {range}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu klein: {range}.</translation>
    </message>
    <message>
        <source>Total</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Summe</translation>
    </message>
    <message>
        <source>Total of 1 order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Summe von 1 Order</translation>
    </message>
    <message>
        <source>Total of the strategies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Summe der Strategien</translation>
    </message>
    <message>
        <source>Total of {count} orders</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Summe von {count} Orders</translation>
    </message>
    <message>
        <source>Total {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Summe {quote}</translation>
    </message>
    <message>
        <source>Trade</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausführung</translation>
    </message>
    <message>
        <source>Trade id</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausführungs-ID</translation>
    </message>
    <message>
        <source>Trade with {money} - {title}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handeln mit {money} - {title}</translation>
    </message>
    <message>
        <source>Trade with {money} on {title}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handeln mit {money} auf {title}</translation>
    </message>
    <message>
        <source>Trade with {money}…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handeln mit {money}…</translation>
    </message>
    <message>
        <source>Trade {trade_id}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausführung {trade_id}</translation>
    </message>
    <message>
        <source>Traded for, {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gehandelt für, {quote}</translation>
    </message>
    <message>
        <source>Trades</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ausführungen</translation>
    </message>
    <message>
        <source>Trading</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel</translation>
    </message>
    <message>
        <source>Trading goes on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Handel geht weiter.</translation>
    </message>
    <message>
        <source>Trading is on already. Settings (Ctrl+,) switches it off.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Handel ist schon eingeschaltet. Die Einstellungen (Strg+,) schalten ihn aus.</translation>
    </message>
    <message>
        <source>Trading is on for {title}: {mode} orders are sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Handel ist für {title} ein: Orders werden {mode} gesendet.</translation>
    </message>
    <message>
        <source>Trading is possible. {rests_on}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel ist möglich. {rests_on}</translation>
    </message>
    <message>
        <source>Trading is stopped on all accounts.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Handel ist auf allen Konten gestoppt.</translation>
    </message>
    <message>
        <source>Trading mode</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handelsmodus</translation>
    </message>
    <message>
        <source>Trading mode: {MODES}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handelsmodus: {MODES}.</translation>
    </message>
    <message>
        <source>Trading of an account at an exchange is not switched on here: it takes a test of the connection, a first contact, and the account's name.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Der Handel eines Kontos an einer Börse wird nicht hier eingeschaltet: Nötig sind ein Test der Verbindung, ein Erstkontakt und der Name des Kontos.</translation>
    </message>
    <message>
        <source>Transactions for CoinTracker</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Transaktionen für CoinTracker</translation>
    </message>
    <message>
        <source>Transactions for a tax tool (Koinly and others)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Transaktionen für ein Steuerprogramm (Koinly und andere)</translation>
    </message>
    <message>
        <source>Transfers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Transfers</translation>
    </message>
    <message>
        <source>Trigger price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auslösepreis</translation>
    </message>
    <message>
        <source>Try a preset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Vorlage ausprobieren</translation>
    </message>
    <message>
        <source>Try again now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Jetzt erneut versuchen</translation>
    </message>
    <message>
        <source>Try the demo</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Demo ausprobieren</translation>
    </message>
    <message>
        <source>Turned up late</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verspätet aufgetaucht</translation>
    </message>
    <message>
        <source>Turnover a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Umschlag im Jahr</translation>
    </message>
    <message>
        <source>Two coins with these weights that move {moved} a year against each other gain about {gain} % a year by rebalancing, over the average of their growth. {drag}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zwei Coins mit diesen Gewichten, die sich im Jahr {moved} gegeneinander bewegen, gewinnen durch Rebalancing etwa {gain} % im Jahr über den Durchschnitt ihres Wachstums. {drag}</translation>
    </message>
    <message>
        <source>Type</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Art</translation>
    </message>
    <message>
        <source>Type a part of a name to find any strategy, also one that ended long ago.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Tippen Sie einen Teil eines Namens, um irgendeine Strategie zu finden, auch eine, die vor langem geendet hat.</translation>
    </message>
    <message>
        <source>Type an amount first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie zuerst einen Betrag ein.</translation>
    </message>
    <message>
        <source>Type an amount.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geben Sie einen Betrag ein.</translation>
    </message>
    <message>
        <source>Type or paste the address of the channel.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Tippen oder fügen Sie die Adresse des Kanals ein.</translation>
    </message>
    <message>
        <source>Type or paste the key.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Tippen oder fügen Sie den Schlüssel ein.</translation>
    </message>
    <message>
        <source>Type the account's name as it is.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Tippen Sie den Namen des Kontos genau ab.</translation>
    </message>
    <message>
        <source>Type the account's name: {account}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Tippen Sie den Namen des Kontos: {account}</translation>
    </message>
    <message>
        <source>Type the new name first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Tippen Sie zuerst den neuen Namen.</translation>
    </message>
    <message>
        <source>Type the passphrase of the file of keys below; without it the key is kept until the program ends.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Tippen Sie unten die Passphrase der Schlüsseldatei; ohne sie wird der Schlüssel behalten, bis das Programm endet.</translation>
    </message>
    <message>
        <source>Type the same passphrase once more.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Tippen Sie dieselbe Passphrase noch einmal.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Undo the fix</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Die Korrektur rückgängig machen</translation>
    </message>
    <message>
        <source>Unlock keys</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schlüssel entsperren</translation>
    </message>
    <message>
        <source>Unlock keys…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schlüssel entsperren…</translation>
    </message>
    <message>
        <source>Up to {missing} are missing to the smallest order. </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bis zu {missing} fehlen zur kleinsten Order. </translation>
    </message>
    <message>
        <source>Up to {missing} are missing to the smallest order. The next rebalance tries again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bis zu {missing} fehlen zur kleinsten Order. Das nächste Rebalancing versucht es wieder.</translation>
    </message>
    <message>
        <source>Up to {missing} are missing to the smallest order. {stays}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bis zu {missing} fehlen zur kleinsten Order. {stays}</translation>
    </message>
    <message>
        <source>Up to {missing} are missing to the smallest order. {text}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Bis zu {missing} fehlen zur kleinsten Order. {text}</translation>
    </message>
    <message>
        <source>Use all free {asset}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Alle freien {asset} verwenden</translation>
    </message>
    <message>
        <source>Use coins I hold</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins verwenden, die ich halte</translation>
    </message>
    <message>
        <source>Use the digits 0 to 9; other kinds of digits are not read.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Verwenden Sie die Ziffern 0 bis 9; andere Ziffern werden nicht gelesen.</translation>
    </message>
    <message>
        <source>Use this rule</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Regel verwenden</translation>
    </message>
    <message>
        <source>Use this rule: {short_rule}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Diese Regel verwenden: {short_rule}</translation>
    </message>
    <message>
        <source>User guide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anleitung</translation>
    </message>
    <message>
        <source>Usual drift when it trades</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Übliche Abweichung beim Handeln</translation>
    </message>
    <message>
        <source>Value</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Value against the same money bought at the target weights and never traded again</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wert gegen dasselbe Geld, zu den Zielgewichten gekauft und nie wieder gehandelt</translation>
    </message>
    <message>
        <source>Value and drawdown over time; the same numbers stand in the tab Values</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wert und Rückgang über die Zeit; dieselben Zahlen stehen im Reiter Werte</translation>
    </message>
    <message>
        <source>Value at the end, {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wert am Ende, {quote}</translation>
    </message>
    <message>
        <source>Value chart; the same numbers stand in a table behind Show numbers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wertdiagramm; dieselben Zahlen stehen in einer Tabelle hinter Zahlen zeigen</translation>
    </message>
    <message>
        <source>Value minus net invested, and in percent of everything that was ever put in. It never jumps because money was added or removed.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wert minus netto investiert, und in Prozent von allem, was je eingebracht wurde. Er springt nie, weil Geld hinzukam oder entnommen wurde.</translation>
    </message>
    <message>
        <source>Value then</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Damaliger Wert</translation>
    </message>
    <message>
        <source>Value traded</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gehandelter Wert</translation>
    </message>
    <message>
        <source>Value vs HODL</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wert gegen HODL</translation>
    </message>
    <message>
        <source>Value, {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wert, {quote}</translation>
    </message>
    <message>
        <source>Valued at the start</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zu Beginn bewertet</translation>
    </message>
    <message>
        <source>Values</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Werte</translation>
    </message>
    <message>
        <source>Volatility a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Volatilität im Jahr</translation>
    </message>
    <message>
        <source>Wait until the step before is over.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Warten Sie, bis der Schritt davor vorbei ist.</translation>
    </message>
    <message>
        <source>Wait: the strategy goes on by itself when the exchange tells what became of it. Or look at the order and decide. {ends}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Warten Sie: Die Strategie läuft von selbst weiter, wenn die Börse sagt, was daraus wurde. Oder sehen Sie die Order an und entscheiden Sie. {ends}</translation>
    </message>
    <message>
        <source>Wait: the strategy goes on by itself when the exchange tells what became of them. Or look at the orders and decide. {ends}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Warten Sie: Die Strategie läuft von selbst weiter, wenn die Börse sagt, was aus ihnen wurde. Oder sehen Sie die Orders an und entscheiden Sie. {ends}</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Waiting for trigger {level}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wartet auf Auslöser {level}</translation>
    </message>
    <message>
        <source>Waits until {trigger}: nothing is bought before.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wartet, bis {trigger}: Vorher wird nichts gekauft.</translation>
    </message>
    <message>
        <source>Wanted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gewünscht</translation>
    </message>
    <message>
        <source>Warning</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>Warnings and errors</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Warnungen und Fehler</translation>
    </message>
    <message>
        <source>Watch only</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur beobachten</translation>
    </message>
    <message>
        <source>Watch only at first: no order is sent until you have tested the key and switched trading on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Zuerst nur beobachten: Keine Order wird gesendet, bis Sie den Schlüssel getestet und den Handel eingeschaltet haben.</translation>
    </message>
    <message>
        <source>Watch only, paper accounts: its keys are of a kind that cannot be given here.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur beobachten, Übungskonten: Seine Schlüssel sind von einer Art, die hier nicht angegeben werden kann.</translation>
    </message>
    <message>
        <source>Watch only. {rests_on}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nur beobachten. {rests_on}</translation>
    </message>
    <message numerus="yes">
        <source>Watch only: %n strategies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation><numerusform>Nur beobachten: %n Strategie</numerusform><numerusform>Nur beobachten: %n Strategien</numerusform></translation>
    </message>
    <message>
        <source>Ways to create a strategy</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wege, eine Strategie anzulegen</translation>
    </message>
    <message>
        <source>Ways to repair it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Möglichkeiten der Reparatur</translation>
    </message>
    <message>
        <source>Weight %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gewicht %</translation>
    </message>
    <message>
        <source>Weight of {asset} in percent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gewicht von {asset} in Prozent</translation>
    </message>
    <message>
        <source>Weight, %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gewicht, %</translation>
    </message>
    <message>
        <source>Weights</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Weights add up to {given}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gewichte ergeben {given}</translation>
    </message>
    <message>
        <source>Weights by market cap.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gewichte nach Marktkapitalisierung.</translation>
    </message>
    <message>
        <source>Weights by the square root of the market cap: the largest coins weigh less.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gewichte nach der Wurzel der Marktkapitalisierung: Die größten Coins wiegen weniger.</translation>
    </message>
    <message>
        <source>Welcome to Rebalancer</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Willkommen bei Rebalancer</translation>
    </message>
    <message>
        <source>What</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was</translation>
    </message>
    <message>
        <source>What Pay fees with BNB gave back: for each trade the fee, what was paid in BNB instead, and what that saved. Where there was not enough BNB the row says so.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was Gebühren mit BNB zahlen zurückgab: für jede Ausführung die Gebühr, was stattdessen in BNB bezahlt wurde und was das sparte. Wo nicht genug BNB da waren, sagt es die Zeile.</translation>
    </message>
    <message>
        <source>What a rule triggers is proposed with its orders. You approve it, or press Not now. A proposal is planned anew after 60 seconds, or when a price moved by 0.3 %. Stop-loss, take-profit and Stop go ahead without asking, and so does what you confirmed on a preview.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was eine Regel auslöst, wird mit seinen Orders vorgeschlagen. Sie genehmigen es oder drücken Nicht jetzt. Ein Vorschlag wird nach 60 Sekunden neu geplant, oder wenn sich ein Preis um 0,3 % bewegt hat. Stop-Loss, Take-Profit und Beenden gehen ohne Rückfrage voran, ebenso, was Sie in einer Vorschau bestätigt haben.</translation>
    </message>
    <message>
        <source>What a unit cost on average, fees included, in the strategy's money</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was eine Einheit im Schnitt gekostet hat, mit Gebühren, im Geld der Strategie</translation>
    </message>
    <message>
        <source>What became of this order of {name}?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was wurde aus dieser Order von {name}?</translation>
    </message>
    <message>
        <source>What becomes of the coins at the end: sold at market, or handed to the free pool as they are. It counts for stop-loss and take-profit; when you press Stop you are asked again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was am Ende aus den Coins wird: am Markt verkauft oder dem freien Bestand gegeben, wie sie sind. Es gilt für Stop-Loss und Take-Profit; wenn Sie Beenden drücken, werden Sie gefragt.</translation>
    </message>
    <message>
        <source>What begins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was beginnt</translation>
    </message>
    <message>
        <source>What came of it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was daraus wurde</translation>
    </message>
    <message>
        <source>What changes</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was sich ändert</translation>
    </message>
    <message>
        <source>What ends</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was endet</translation>
    </message>
    <message>
        <source>What happened</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was geschah</translation>
    </message>
    <message>
        <source>What happens to it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was mit ihm geschieht</translation>
    </message>
    <message>
        <source>What happens when a rule triggers</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was geschieht, wenn eine Regel auslöst</translation>
    </message>
    <message>
        <source>What is bought and sold back</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was gekauft und zurückverkauft wird</translation>
    </message>
    <message>
        <source>What is checked and asked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was geprüft und gefragt wird</translation>
    </message>
    <message>
        <source>What is chosen here counts at once, for all accounts. Each happening is told once; titles begin with LIVE, SANDBOX or PAPER.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was hier gewählt wird, gilt sofort, für alle Konten. Jedes Ereignis wird einmal gemeldet; Titel beginnen mit LIVE, SANDBOX oder PAPER.</translation>
    </message>
    <message>
        <source>What is chosen on the pages Program, Notifications and Market data. No key and no address of a channel is in the file; safety rails and trading modes belong to their accounts.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was auf den Seiten Programm, Benachrichtigungen und Marktdaten gewählt ist. Kein Schlüssel und keine Adresse eines Kanals ist in der Datei; Sicherheitsgrenzen und Handelsmodi gehören zu ihren Konten.</translation>
    </message>
    <message>
        <source>What is in these files</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was in diesen Dateien ist</translation>
    </message>
    <message>
        <source>What is kept</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was erhalten bleibt</translation>
    </message>
    <message>
        <source>What is known of the order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was über den Auftrag bekannt ist</translation>
    </message>
    <message>
        <source>What is left of what is set aside goes back to {name}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was vom Zurückgelegten bleibt, geht an {name} zurück.</translation>
    </message>
    <message>
        <source>What is looked at of each coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was von jedem Coin betrachtet wird</translation>
    </message>
    <message>
        <source>What is not spent stays as cash until a rebalance can use it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was nicht ausgegeben wird, bleibt als Geld, bis ein Rebalancing es verwenden kann.</translation>
    </message>
    <message>
        <source>What is this column?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was ist diese Spalte?</translation>
    </message>
    <message>
        <source>What is this: {term}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was ist das: {term}</translation>
    </message>
    <message>
        <source>What it is</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was es ist</translation>
    </message>
    <message>
        <source>What it said</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was sie sagte</translation>
    </message>
    <message>
        <source>What one unit cost you on average. Left open: the average cost is shown as not known.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was Sie eine Einheit im Schnitt gekostet hat. Bleibt es offen, werden die Durchschnittskosten als nicht bekannt gezeigt.</translation>
    </message>
    <message>
        <source>What shall happen with the coins of {name}?</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was soll mit den Coins von {name} geschehen?</translation>
    </message>
    <message>
        <source>What stands in the field is not a weight.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was im Feld steht, ist kein Gewicht.</translation>
    </message>
    <message>
        <source>What the account holds and no strategy owns. A strategy never touches it, or the coins of another one, unless you move money yourself.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was das Konto hält und keiner Strategie gehört. Eine Strategie rührt es nie an, auch nicht die Coins einer anderen, außer Sie bewegen selbst Geld.</translation>
    </message>
    <message>
        <source>What the coins you hold are worth is not known: a price is missing.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was die gehaltenen Coins wert sind, ist nicht bekannt: Ein Preis fehlt.</translation>
    </message>
    <message>
        <source>What the money earned a year for as long as it was in (XIRR, act/365)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was das Geld im Jahr verdient hat, solange es darin lag (XIRR, act/365)</translation>
    </message>
    <message>
        <source>What the paper account begins with; it is no real money.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Womit das Übungskonto beginnt; es ist kein echtes Geld.</translation>
    </message>
    <message>
        <source>What the portfolio was worth when the rebalance was done</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was das Portfolio wert war, als das Rebalancing fertig war</translation>
    </message>
    <message>
        <source>What the stop-loss is measured on</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Woran der Stop-Loss gemessen wird</translation>
    </message>
    <message>
        <source>What the strategy gets from the free pool at its start. Under the smallest legal amount one of its coins would be an order that the exchange refuses. Money can be added and taken out later.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was die Strategie zu Beginn aus dem freien Bestand bekommt. Unter dem kleinsten zulässigen Betrag wäre einer ihrer Coins eine Order, die die Börse ablehnt. Geld kann später hinzugefügt und entnommen werden.</translation>
    </message>
    <message>
        <source>What the strategy is funded and valued in.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Worin die Strategie bezahlt und bewertet wird.</translation>
    </message>
    <message>
        <source>What the take-profit is measured on</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Woran der Take-Profit gemessen wird</translation>
    </message>
    <message>
        <source>What this key may do</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was dieser Schlüssel darf</translation>
    </message>
    <message>
        <source>What to do</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was zu tun ist</translation>
    </message>
    <message>
        <source>What to expect</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erwartung</translation>
    </message>
    <message>
        <source>What to expect, and how it is worked out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was zu erwarten ist, und wie es berechnet wird</translation>
    </message>
    <message>
        <source>What to export</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was exportiert wird</translation>
    </message>
    <message>
        <source>What was asked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was gefragt wurde</translation>
    </message>
    <message>
        <source>What was dropped is no file on this computer. Drop strategy files (.json), as Export strategy writes them.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was abgelegt wurde, ist keine Datei auf diesem Computer. Legen Sie Strategiedateien (.json) ab, wie Strategie exportieren sie schreibt.</translation>
    </message>
    <message>
        <source>What was found out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was herausgefunden wurde</translation>
    </message>
    <message>
        <source>What was put in less what was taken out, {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was eingebracht wurde, abzüglich der Entnahmen, {quote}</translation>
    </message>
    <message>
        <source>What was put in, less what was taken out.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was eingebracht wurde, abzüglich der Entnahmen.</translation>
    </message>
    <message>
        <source>What you take on</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was Sie auf sich nehmen</translation>
    </message>
    <message>
        <source>What your strategies gained or lost since midnight, money that came or went left out.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Was Ihre Strategien seit Mitternacht gewannen oder verloren, ohne Geld, das kam oder ging.</translation>
    </message>
    <message>
        <source>When it stops: sell all coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Beim Beenden alle Coins verkaufen</translation>
    </message>
    <message>
        <source>Where</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wo</translation>
    </message>
    <message>
        <source>Where the return came from</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Woher die Rendite kam</translation>
    </message>
    <message>
        <source>Which account is shown; all accounts go on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Welches Konto gezeigt wird; alle Konten laufen weiter.</translation>
    </message>
    <message>
        <source>Which purchase a sale takes</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Welchen Kauf ein Verkauf nimmt</translation>
    </message>
    <message>
        <source>Which purchase a sale takes first</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Welchen Kauf ein Verkauf zuerst nimmt</translation>
    </message>
    <message>
        <source>Which strategies are listed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Welche Strategien gelistet sind</translation>
    </message>
    <message>
        <source>While the program is closed nothing is rebalanced. Coins and money stay where they are; the next start goes on from there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Solange das Programm geschlossen ist, wird nichts rebalanciert. Coins und Geld bleiben, wo sie sind; der nächste Start geht von dort weiter.</translation>
    </message>
    <message>
        <source>Whoever gets hold of the key can trade with it from anywhere. At the exchange, bind it to the address of this computer.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wer den Schlüssel bekommt, kann von überall damit handeln. Binden Sie ihn an der Börse an die Adresse dieses Computers.</translation>
    </message>
    <message>
        <source>Why</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Warum</translation>
    </message>
    <message>
        <source>Why they differ</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Grund</translation>
    </message>
    <message>
        <source>With candles of {shortest} nothing is seen between them: intervals shorter than that look at every candle, so their columns are the same.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mit Kerzen von {shortest} sieht man nichts dazwischen: Kürzere Intervalle prüfen an jeder Kerze, darum sind ihre Spalten gleich.</translation>
    </message>
    <message>
        <source>With {cost} a side.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Mit {cost} je Seite.</translation>
    </message>
    <message>
        <source>Withdraw</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auszahlen</translation>
    </message>
    <message>
        <source>Withdrawals</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auszahlungen</translation>
    </message>
    <message>
        <source>Without its trigger it starts at once: it builds its portfolio at the next good prices.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ohne ihren Auslöser beginnt sie sofort: Sie baut ihr Portfolio bei den nächsten guten Preisen auf.</translation>
    </message>
    <message>
        <source>Without {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ohne {names}</translation>
    </message>
    <message>
        <source>Without {names}, which has no price.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ohne {names}, der keinen Preis hat.</translation>
    </message>
    <message>
        <source>Without {names}, which have no price.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ohne {names}, die keinen Preis haben.</translation>
    </message>
    <message>
        <source>Worst drawdown</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Größter Drawdown</translation>
    </message>
    <message>
        <source>Worst drawdown, %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Größter Drawdown, %</translation>
    </message>
    <message>
        <source>Worst drift in percentage points</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Größte Abweichung in Prozentpunkten</translation>
    </message>
    <message>
        <source>Worst drift, pp</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Max. Abw., PP</translation>
    </message>
    <message>
        <source>Worst drift: {strong}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Größte Abweichung: {strong}</translation>
    </message>
    <message>
        <source>Worth {paid_value} then</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Damals {paid_value} wert</translation>
    </message>
    <message>
        <source>Would rebalance now ({reason}{worst})</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Würde jetzt rebalancieren ({reason}{worst})</translation>
    </message>
    <message>
        <source>Write a day as 2024-11-22.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schreiben Sie einen Tag wie 2024-11-22.</translation>
    </message>
    <message>
        <source>Write a number and a unit, such as 30 min, 36 h or 7 d.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schreiben Sie eine Zahl und eine Einheit, etwa 30 min, 36 h oder 7 d.</translation>
    </message>
    <message>
        <source>Write records into a CSV file</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aufzeichnungen in eine CSV-Datei schreiben</translation>
    </message>
    <message>
        <source>Write records, cost basis or transactions for a tax tool into a CSV file</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Aufzeichnungen, Kostenbasis oder Buchungen für ein Steuerprogramm in eine CSV-Datei schreiben</translation>
    </message>
    <message>
        <source>Writes this rule into Edit rule; it holds once it is saved there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schreibt diese Regel in Regel bearbeiten; sie gilt, sobald sie dort gespeichert ist.</translation>
    </message>
    <message>
        <source>Writes this rule into the Manual form; nothing is created by that.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schreibt diese Regel in das Formular Manuell; dadurch wird nichts angelegt.</translation>
    </message>
    <message>
        <source>Yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Noch</translation>
    </message>
    <message>
        <source>You choose coins and weights; this program keeps them there by selling what grew and buying what fell behind. It runs on this computer, and so do your keys.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Sie wählen Coins und Gewichte; dieses Programm hält sie dort, indem es verkauft, was wuchs, und kauft, was zurückblieb. Es läuft auf diesem Computer, und so auch Ihre Schlüssel.</translation>
    </message>
    <message>
        <source>Your decision is being carried out.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ihre Entscheidung wird ausgeführt.</translation>
    </message>
    <message>
        <source>Your preset of {day}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ihre Vorlage vom {day}</translation>
    </message>
    <message>
        <source>a Market order has no limit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eine Market-Order hat kein Limit</translation>
    </message>
    <message>
        <source>a comma</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Komma</translation>
    </message>
    <message>
        <source>a point</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Punkt</translation>
    </message>
    <message>
        <source>a price every {spacing}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Preis alle {spacing}</translation>
    </message>
    <message>
        <source>a price is missing</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Preis fehlt</translation>
    </message>
    <message>
        <source>a rate of more than 1,000,000 % a year says nothing</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Satz über 1.000.000 % im Jahr sagt nichts</translation>
    </message>
    <message>
        <source>a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>im Jahr</translation>
    </message>
    <message>
        <source>about what 10,000 dollars are</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>etwa so viel, wie 10.000 Dollar sind</translation>
    </message>
    <message>
        <source>about {shown}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>etwa {shown}</translation>
    </message>
    <message>
        <source>added</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>hinzugefügt</translation>
    </message>
    <message>
        <source>advised: this computer only</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>empfohlen: nur dieser Computer</translation>
    </message>
    <message>
        <source>ahead</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>vor</translation>
    </message>
    <message>
        <source>all</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>alle</translation>
    </message>
    <message>
        <source>amount</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Betrag</translation>
    </message>
    <message>
        <source>annualised = (1 + R)^(365/n) − 1, with R the return over n days</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>aufs Jahr gerechnet = (1 + R)^(365/n) − 1, mit R als Rendite über n Tage</translation>
    </message>
    <message>
        <source>another coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein anderer Coin</translation>
    </message>
    <message>
        <source>asking the exchange…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Börse wird gefragt…</translation>
    </message>
    <message>
        <source>at least</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mindestens</translation>
    </message>
    <message>
        <source>at least {spoken}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mindestens {spoken}</translation>
    </message>
    <message>
        <source>at the same prices</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zu denselben Preisen</translation>
    </message>
    <message>
        <source>at {part} {price}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zu {part} {price}</translation>
    </message>
    <message>
        <source>auto band</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auto-Band</translation>
    </message>
    <message>
        <source>behind</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach</translation>
    </message>
    <message>
        <source>block (no order is sent)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sperren (keine Order wird gesendet)</translation>
    </message>
    <message>
        <source>buy {notional} of {asset}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{notional} {asset} kaufen</translation>
    </message>
    <message>
        <source>by auto band</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Auto-Band</translation>
    </message>
    <message>
        <source>by coin ratio</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Anteil</translation>
    </message>
    <message>
        <source>by coin ratio {limit}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Anteil {limit}</translation>
    </message>
    <message>
        <source>by coin ratio {threshold}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Anteil {threshold}</translation>
    </message>
    <message>
        <source>by market cap</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Marktkap.</translation>
    </message>
    <message>
        <source>by root of cap</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nach Wurzel</translation>
    </message>
    <message>
        <source>came in</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kam herein</translation>
    </message>
    <message>
        <source>cash has no target</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld hat kein Ziel</translation>
    </message>
    <message>
        <source>checked {utc_clock} UTC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>geprüft {utc_clock} UTC</translation>
    </message>
    <message>
        <source>choose a passphrase</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wählen Sie eine Passphrase</translation>
    </message>
    <message>
        <source>choose how much of each</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wählen Sie, wie viel von jedem</translation>
    </message>
    <message>
        <source>coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coin</translation>
    </message>
    <message>
        <source>coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Coins</translation>
    </message>
    <message>
        <source>coins are among them that were put in without saying what they had cost</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>darunter sind Coins, die ohne Angabe ihrer Kosten eingebracht wurden</translation>
    </message>
    <message>
        <source>copy save data folder archive zip</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kopieren sichern Datenordner Archiv zip Backup</translation>
    </message>
    <message>
        <source>decimal</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nachkommastelle</translation>
    </message>
    <message>
        <source>decimals</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Nachkommastellen</translation>
    </message>
    <message>
        <source>deeper than HODL</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>tiefer als HODL</translation>
    </message>
    <message>
        <source>demo API key market caps</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Demo API Schlüssel Marktkapitalisierung</translation>
    </message>
    <message>
        <source>drop</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>weglassen</translation>
    </message>
    <message>
        <source>ended</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>beendet</translation>
    </message>
    <message>
        <source>engine:</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Maschine:</translation>
    </message>
    <message>
        <source>equal weights</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>gleiche Gewichte</translation>
    </message>
    <message>
        <source>estimated at prices of {utc_clock}, renewed each second</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>geschätzt zu Preisen von {utc_clock}, jede Sekunde erneuert</translation>
    </message>
    <message>
        <source>every {interval}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>alle {interval}</translation>
    </message>
    <message>
        <source>every {interval} above {limit}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>alle {interval} über {limit}</translation>
    </message>
    <message>
        <source>every {key}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>alle {key}</translation>
    </message>
    <message>
        <source>falls below</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>unter</translation>
    </message>
    <message>
        <source>fee {rate}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühr {rate}</translation>
    </message>
    <message>
        <source>fees</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gebühren</translation>
    </message>
    <message>
        <source>first contact</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Erstkontakt</translation>
    </message>
    <message>
        <source>fixed weights</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>feste Gewichte</translation>
    </message>
    <message>
        <source>free {free}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>frei {free}</translation>
    </message>
    <message>
        <source>from </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ab </translation>
    </message>
    <message>
        <source>from above</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>von oben</translation>
    </message>
    <message>
        <source>from below</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>von unten</translation>
    </message>
    <message>
        <source>from {least_text} {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ab {least_text} {quote}</translation>
    </message>
    <message>
        <source>from {least_text}{unit}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ab {least_text}{unit}</translation>
    </message>
    <message>
        <source>from {least}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ab {least}</translation>
    </message>
    <message>
        <source>frozen: market closed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eingefroren: Markt geschlossen</translation>
    </message>
    <message>
        <source>futures</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Futures</translation>
    </message>
    <message>
        <source>gate</source>
        <translation>Mindestabweichung</translation>
    </message>
    <message>
        <source>given back</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zurückgegeben</translation>
    </message>
    <message>
        <source>given back to the free pool</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>in den freien Bestand zurückgegeben</translation>
    </message>
    <message>
        <source>goes back to the free pool as coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>geht als Coins in den freien Bestand zurück</translation>
    </message>
    <message>
        <source>halt (the strategy stands still until you press Resume)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>anhalten (die Strategie steht still, bis Sie Fortsetzen drücken)</translation>
    </message>
    <message>
        <source>hardly any</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kaum welche</translation>
    </message>
    <message>
        <source>has no answer yet and is looked up</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>hat noch keine Antwort und wird nachgeschlagen</translation>
    </message>
    <message>
        <source>hold (waits until that is over)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zurückhalten (wartet, bis das vorbei ist)</translation>
    </message>
    <message>
        <source>hours</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Stunden</translation>
    </message>
    <message>
        <source>if {trigger}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wenn {trigger}</translation>
    </message>
    <message>
        <source>in already</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>schon dabei</translation>
    </message>
    <message>
        <source>in the strategy already</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>schon in der Strategie</translation>
    </message>
    <message>
        <source>invest</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>anlegen</translation>
    </message>
    <message>
        <source>is at the exchange</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ist an der Börse</translation>
    </message>
    <message>
        <source>is being sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wird gesendet</translation>
    </message>
    <message>
        <source>is done</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ist fertig</translation>
    </message>
    <message>
        <source>is settled</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ist abgerechnet</translation>
    </message>
    <message>
        <source>is yours to decide (its details have the order)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ist Ihre Entscheidung (ihre Einzelheiten haben die Order)</translation>
    </message>
    <message>
        <source>it cost {cost}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>es kostete {cost}</translation>
    </message>
    <message>
        <source>it has bought nothing yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sie hat noch nichts gekauft</translation>
    </message>
    <message>
        <source>its address is in the system's keyring</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>seine Adresse liegt im Schlüsselbund des Systems</translation>
    </message>
    <message>
        <source>its address is in the vault locked with your passphrase</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>seine Adresse liegt im Tresor mit Ihrer Passphrase</translation>
    </message>
    <message>
        <source>its address is kept until the program ends: there is no keyring</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>seine Adresse bleibt bis zum Programmende: Es gibt keinen Schlüsselbund</translation>
    </message>
    <message>
        <source>its market is closed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sein Markt ist geschlossen</translation>
    </message>
    <message>
        <source>its passphrase</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Passphrase</translation>
    </message>
    <message>
        <source>its time-weighted {words}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre zeitgewichtete {words}</translation>
    </message>
    <message>
        <source>its trigger</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihren Auslöser</translation>
    </message>
    <message>
        <source>its weight is 0: type one</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sein Gewicht ist 0: Tippen Sie eines</translation>
    </message>
    <message>
        <source>key in memory, until the program ends</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schlüssel im Arbeitsspeicher, bis das Programm endet</translation>
    </message>
    <message>
        <source>key in the file locked with your passphrase</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schlüssel in der mit Ihrer Passphrase verschlossenen Datei</translation>
    </message>
    <message>
        <source>key in the system's keyring</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schlüssel im Schlüsselbund des Systems</translation>
    </message>
    <message>
        <source>key locked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schlüssel verschlossen</translation>
    </message>
    <message>
        <source>last {utc_stamp} UTC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zuletzt {utc_stamp} UTC</translation>
    </message>
    <message>
        <source>last: “{last}”</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zuletzt: „{last}“</translation>
    </message>
    <message>
        <source>least</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mindestens</translation>
    </message>
    <message>
        <source>leave out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>weglassen</translation>
    </message>
    <message>
        <source>legal is at most {shown}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zulässig sind höchstens {shown}</translation>
    </message>
    <message>
        <source>legal is more than {shown} and at most {shown2}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zulässig sind mehr als {shown} und höchstens {shown2}</translation>
    </message>
    <message>
        <source>legal is {part} {shown}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zulässig sind {part} {shown}</translation>
    </message>
    <message>
        <source>legal is {shown} to {shown2}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zulässig sind {shown} bis {shown2}</translation>
    </message>
    <message>
        <source>less deep</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>weniger tief</translation>
    </message>
    <message>
        <source>less than a day has passed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>weniger als ein Tag ist vergangen</translation>
    </message>
    <message>
        <source>lift</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>anheben</translation>
    </message>
    <message>
        <source>limit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Grenze</translation>
    </message>
    <message>
        <source>load file copy transfer</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>laden Datei kopieren übertragen</translation>
    </message>
    <message>
        <source>m can mean minutes or months: write min for minutes, or days as 30 d.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>m kann Minuten oder Monate heißen: Schreiben Sie min für Minuten oder Tage als 30 d.</translation>
    </message>
    <message>
        <source>margin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Margin</translation>
    </message>
    <message>
        <source>min. {amount}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>min. {amount}</translation>
    </message>
    <message>
        <source>min. {minimum}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>min. {minimum}</translation>
    </message>
    <message>
        <source>minus </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>minus </translation>
    </message>
    <message>
        <source>money has no cost</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld hat keine Kosten</translation>
    </message>
    <message>
        <source>money has no price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Geld hat keinen Preis</translation>
    </message>
    <message>
        <source>money that is left; the next rebalance spends it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>übriges Geld; das nächste Rebalancing gibt es aus</translation>
    </message>
    <message>
        <source>more than</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mehr als</translation>
    </message>
    <message>
        <source>more than is held</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mehr als gehalten wird</translation>
    </message>
    <message>
        <source>more than one rate fits these flows</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mehr als ein Satz passt zu diesen Zahlungen</translation>
    </message>
    <message>
        <source>most</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>höchstens</translation>
    </message>
    <message>
        <source>must be off</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>muss aus sein</translation>
    </message>
    <message>
        <source>needed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nötig</translation>
    </message>
    <message>
        <source>never arrived</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ist nie angekommen</translation>
    </message>
    <message>
        <source>new name</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>neuer Name</translation>
    </message>
    <message>
        <source>next check {utc_clock}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nächste Prüfung {utc_clock}</translation>
    </message>
    <message>
        <source>no</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nein</translation>
    </message>
    <message>
        <source>no BNB was paid</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine BNB wurden bezahlt</translation>
    </message>
    <message>
        <source>no amount or no price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Betrag oder kein Preis</translation>
    </message>
    <message>
        <source>no cap</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Kap.</translation>
    </message>
    <message>
        <source>no cash left over</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Geld übrig</translation>
    </message>
    <message>
        <source>no coins yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>noch keine Coins</translation>
    </message>
    <message>
        <source>no fee</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Gebühr</translation>
    </message>
    <message>
        <source>no gaps</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Lücken</translation>
    </message>
    <message>
        <source>no price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Preis</translation>
    </message>
    <message>
        <source>no prices yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>noch keine Preise</translation>
    </message>
    <message>
        <source>no rate fits these flows</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein Satz passt zu diesen Zahlungen</translation>
    </message>
    <message>
        <source>no source</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine Quelle</translation>
    </message>
    <message>
        <source>none</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kein</translation>
    </message>
    <message>
        <source>none is needed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keine sind nötig</translation>
    </message>
    <message>
        <source>none, it is a Market order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>keines, es ist eine Market-Order</translation>
    </message>
    <message>
        <source>not in the portfolio before</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>vorher nicht im Portfolio</translation>
    </message>
    <message>
        <source>not known</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>not known yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>noch nicht bekannt</translation>
    </message>
    <message>
        <source>not known: {cost_reason}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nicht bekannt: {cost_reason}</translation>
    </message>
    <message>
        <source>not locked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nicht gesperrt</translation>
    </message>
    <message>
        <source>not made up for by other coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nicht durch andere Coins ausgeglichen</translation>
    </message>
    <message>
        <source>not told: no order was sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nicht gemeldet: Es wurde keine Order gesendet</translation>
    </message>
    <message>
        <source>nothing is bought before its trigger is reached</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nichts wird gekauft, bevor ihr Auslöser erreicht ist</translation>
    </message>
    <message>
        <source>nothing is bought yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>noch ist nichts gekauft</translation>
    </message>
    <message>
        <source>nothing is held yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>noch wird nichts gehalten</translation>
    </message>
    <message>
        <source>nothing is known of {named}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>über {named} ist nichts bekannt</translation>
    </message>
    <message>
        <source>nothing of it came back, so there is no rate at which it would be even</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nichts kam zurück, darum gibt es keinen Satz, zu dem es aufginge</translation>
    </message>
    <message>
        <source>nothing of it is held</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>davon wird nichts gehalten</translation>
    </message>
    <message>
        <source>nothing to trade</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nichts zu handeln</translation>
    </message>
    <message>
        <source>nothing was filled</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nichts wurde ausgeführt</translation>
    </message>
    <message>
        <source>nothing was returned</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nichts wurde zurückgegeben</translation>
    </message>
    <message>
        <source>nothing was saved</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nichts wurde gespart</translation>
    </message>
    <message>
        <source>nothing was traded</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nichts wurde gehandelt</translation>
    </message>
    <message>
        <source>of amount</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>vom Betrag</translation>
    </message>
    <message>
        <source>of each order's value</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>des Werts jeder Order</translation>
    </message>
    <message>
        <source>of each order, as the exchange says</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>jeder Order, wie die Börse sagt</translation>
    </message>
    <message>
        <source>off</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>aus</translation>
    </message>
    <message>
        <source>on</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein</translation>
    </message>
    <message>
        <source>on the return, %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>an der Rendite, %</translation>
    </message>
    <message>
        <source>once there is a price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>sobald es einen Preis gibt</translation>
    </message>
    <message>
        <source>one coin is not enough</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ein Coin genügt nicht</translation>
    </message>
    <message>
        <source>only for a gateway or a regional site</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nur für ein Gateway oder eine regionale Seite</translation>
    </message>
    <message>
        <source>open</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>offen</translation>
    </message>
    <message>
        <source>options</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Optionen</translation>
    </message>
    <message>
        <source>over a year {turnover} the portfolio is sold and bought.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>über ein Jahr wird {turnover} das Portfolio verkauft und gekauft.</translation>
    </message>
    <message>
        <source>own cash</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>eigenes Geld</translation>
    </message>
    <message>
        <source>passes</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>über</translation>
    </message>
    <message>
        <source>percent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Prozent</translation>
    </message>
    <message>
        <source>plus </source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>plus </translation>
    </message>
    <message>
        <source>points</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Punkte</translation>
    </message>
    <message>
        <source>points against HODL</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Punkte gegen HODL</translation>
    </message>
    <message>
        <source>pp</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>PP</translation>
    </message>
    <message>
        <source>pp a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>PP im Jahr</translation>
    </message>
    <message>
        <source>price of {key}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preis von {key}</translation>
    </message>
    <message>
        <source>price {price}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preis {price}</translation>
    </message>
    <message>
        <source>prices paused</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise angehalten</translation>
    </message>
    <message>
        <source>prices {age}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise {age}</translation>
    </message>
    <message>
        <source>prices {age} old</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Preise {age} alt</translation>
    </message>
    <message>
        <source>put back data folder archive zip</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zurückspielen Datenordner Archiv zip Wiederherstellung</translation>
    </message>
    <message>
        <source>ratio</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Anteil</translation>
    </message>
    <message>
        <source>rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancing</translation>
    </message>
    <message>
        <source>rebalances</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rebalancings</translation>
    </message>
    <message>
        <source>remaining {left}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>verbleibend {left}</translation>
    </message>
    <message>
        <source>replay over</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Wiedergabe zu Ende</translation>
    </message>
    <message>
        <source>reserved</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>reserviert</translation>
    </message>
    <message>
        <source>return now {returned}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rendite jetzt {returned}</translation>
    </message>
    <message>
        <source>return starts at {ZERO}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rendite beginnt bei {ZERO}</translation>
    </message>
    <message>
        <source>return {sign}{NO_BREAK_SPACE}{level}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rendite {sign}{NO_BREAK_SPACE}{level}</translation>
    </message>
    <message>
        <source>returned</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zurück</translation>
    </message>
    <message>
        <source>rounding</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Rundung</translation>
    </message>
    <message>
        <source>s</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>s</translation>
    </message>
    <message>
        <source>save file copy transfer</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>speichern Datei kopieren übertragen</translation>
    </message>
    <message>
        <source>see each</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>siehe jede</translation>
    </message>
    <message>
        <source>sell {notional} of {asset}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{notional} {asset} verkaufen</translation>
    </message>
    <message>
        <source>skip (left out this time, tried again at the next check)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>auslassen (diesmal weggelassen, bei der nächsten Prüfung wieder versucht)</translation>
    </message>
    <message>
        <source>skipped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>smallest legal {part}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kleinster zulässiger {part}</translation>
    </message>
    <message>
        <source>smallest order {minimum}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>kleinste Order {minimum}</translation>
    </message>
    <message>
        <source>spent by the next rebalance</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>fürs nächste Rebalancing</translation>
    </message>
    <message>
        <source>spot trading</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Spot-Handel</translation>
    </message>
    <message>
        <source>start with the system autostart login boot</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mit dem System starten Autostart Anmeldung</translation>
    </message>
    <message>
        <source>starting</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>startet</translation>
    </message>
    <message>
        <source>step sizes</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Schrittweiten</translation>
    </message>
    <message>
        <source>stop-loss</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Stop-Loss</translation>
    </message>
    <message>
        <source>stopped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>such as Binance main</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>etwa Binance Haupt</translation>
    </message>
    <message>
        <source>take-profit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Take-Profit</translation>
    </message>
    <message>
        <source>takes no orders now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nimmt jetzt keine Orders an</translation>
    </message>
    <message>
        <source>that are not over</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die nicht beendet sind</translation>
    </message>
    <message>
        <source>that have ended</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die beendet sind</translation>
    </message>
    <message>
        <source>the HODL line of {value} is not known</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die HODL-Linie von {value} ist nicht bekannt</translation>
    </message>
    <message>
        <source>the IP restriction</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die IP-Beschränkung</translation>
    </message>
    <message>
        <source>the accounts were not opened anew</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Konten wurden nicht neu geöffnet</translation>
    </message>
    <message>
        <source>the free pool pays 75 % of each fee in BNB and gets the whole fee back, so you save 25 %</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der freie Bestand zahlt 75 % jeder Gebühr in BNB und bekommt die ganze Gebühr zurück, Sie sparen also 25 %</translation>
    </message>
    <message>
        <source>the list of orders does not say</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Orderliste sagt es nicht</translation>
    </message>
    <message>
        <source>the paper account was not reset</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das Übungskonto wurde nicht zurückgesetzt</translation>
    </message>
    <message>
        <source>the passphrase vault</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Passphrase-Tresor</translation>
    </message>
    <message>
        <source>the past is being read</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Vergangenheit wird gelesen</translation>
    </message>
    <message>
        <source>the price rose meanwhile, so it brought {cost}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Preis stieg inzwischen, darum brachte es {cost}</translation>
    </message>
    <message>
        <source>the return is not known now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die Rendite ist jetzt nicht bekannt</translation>
    </message>
    <message>
        <source>the smallest weight</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>das kleinste Gewicht</translation>
    </message>
    <message>
        <source>the system's keyring</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Schlüsselbund des Systems</translation>
    </message>
    <message>
        <source>the trigger price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Auslösepreis</translation>
    </message>
    <message>
        <source>the value of {names} is not known</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Wert von {names} ist nicht bekannt</translation>
    </message>
    <message>
        <source>the whole map spans {least} to {most} {unit}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die ganze Karte reicht von {least} bis {most} {unit}.</translation>
    </message>
    <message>
        <source>the {name} price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der {name}-Preis</translation>
    </message>
    <message>
        <source>the {quote} that its trades say</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die {quote}, die ihre Ausführungen nennen</translation>
    </message>
    <message>
        <source>their weights are 0: type some</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ihre Gewichte sind 0: Tippen Sie welche</translation>
    </message>
    <message>
        <source>this order’s own</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>die eigene dieser Order</translation>
    </message>
    <message>
        <source>this program's memory, until it ends</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>der Arbeitsspeicher dieses Programms, bis es endet</translation>
    </message>
    <message>
        <source>this row is being read</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>diese Zeile wird gelesen</translation>
    </message>
    <message>
        <source>threshold</source>
        <translation>Schwellenwert</translation>
    </message>
    <message>
        <source>to</source>
        <comment>until a day</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>bis</translation>
    </message>
    <message>
        <source>too little for an order</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>zu wenig für eine Order</translation>
    </message>
    <message>
        <source>trades again</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ist wieder handelbar</translation>
    </message>
    <message>
        <source>trading on</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Handel ein</translation>
    </message>
    <message>
        <source>trigger price</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auslösepreis</translation>
    </message>
    <message>
        <source>trigger, stop-loss, take-profit</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auslöser, Ausstiege</translation>
    </message>
    <message>
        <source>turned up late</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>tauchte verspätet auf</translation>
    </message>
    <message>
        <source>unknown</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>unrealised</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>unrealisiert</translation>
    </message>
    <message>
        <source>vs HODL</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>vs HODL</translation>
    </message>
    <message>
        <source>vs HODL a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>gegen HODL im Jahr</translation>
    </message>
    <message>
        <source>wait (goes on a moment later)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>warten (geht gleich weiter)</translation>
    </message>
    <message>
        <source>waiting for the exchange</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wartet auf die Börse</translation>
    </message>
    <message>
        <source>waits for its trigger</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wartet auf ihren Auslöser</translation>
    </message>
    <message>
        <source>warn (it is said, nothing is held)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>warnen (es wird gesagt, nichts wird zurückgehalten)</translation>
    </message>
    <message>
        <source>warned of from 1 s, nothing sent from 5 s</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Warnung ab 1 s, ab 5 s wird nichts gesendet</translation>
    </message>
    <message>
        <source>was delisted</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wurde vom Handel genommen</translation>
    </message>
    <message>
        <source>was not sent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wurde nicht gesendet</translation>
    </message>
    <message>
        <source>was refused</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wurde abgelehnt</translation>
    </message>
    <message>
        <source>was renamed</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wurde umbenannt</translation>
    </message>
    <message>
        <source>watch only</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>nur beobachten</translation>
    </message>
    <message>
        <source>weight {words}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Gewicht {words}</translation>
    </message>
    <message>
        <source>went out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ging hinaus</translation>
    </message>
    <message>
        <source>whoever is short</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>wem etwas fehlt</translation>
    </message>
    <message>
        <source>with {money} on {title}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mit {money} auf {title}</translation>
    </message>
    <message>
        <source>withdrawals</source>
        <translation>Auszahlungen</translation>
    </message>
    <message>
        <source>without {names}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ohne {names}</translation>
    </message>
    <message>
        <source>worst {decimal}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>größter {decimal}</translation>
    </message>
    <message>
        <source>worth {held_worth}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{held_worth} wert</translation>
    </message>
    <message>
        <source>yes</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>ja</translation>
    </message>
    <message>
        <source>your rule</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Ihre Regel</translation>
    </message>
    <message>
        <source>{BNB_WORDS} The free pool holds {bnb} {BNB}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{BNB_WORDS} Der freie Bestand hält {bnb} {BNB}.</translation>
    </message>
    <message>
        <source>{Decimal} missing</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{Decimal} fehlen</translation>
    </message>
    <message>
        <source>{MAX_STRATEGIES} strategies run on this account: stop one first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{MAX_STRATEGIES} Strategien laufen auf diesem Konto: Beenden Sie zuerst eine.</translation>
    </message>
    <message>
        <source>{NEVER} never rebalanced</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{NEVER} nie rebalanciert</translation>
    </message>
    <message>
        <source>{PREMIUM}

By the formula w(1 − w)s²/2 these two gain about {premium} a year over their average growth, with {moves} of movement between them a year.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{PREMIUM}

Nach der Formel w(1 − w)s²/2 gewinnen diese beiden etwa {premium} im Jahr über ihr durchschnittliches Wachstum, bei {moves} Bewegung gegeneinander im Jahr.</translation>
    </message>
    <message>
        <source>{SIDES} {value} {base} on {symbol}, {TYPES}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{SIDES} {value} {base} auf {symbol}, {TYPES}</translation>
    </message>
    <message>
        <source>{account} cannot be repaired here</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{account} kann hier nicht repariert werden</translation>
    </message>
    <message>
        <source>{account} is halted: nothing is sent for it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{account} ist angehalten: Nichts wird dafür gesendet</translation>
    </message>
    <message>
        <source>{account} is halted: {message} {advice}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{account} ist angehalten: {message} {advice}</translation>
    </message>
    <message>
        <source>{account} is not damaged</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{account} ist nicht beschädigt</translation>
    </message>
    <message>
        <source>{account} was set aside</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{account} wurde beiseitegelegt</translation>
    </message>
    <message>
        <source>{account}: {message} It is tried again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{account}: {message} Es wird erneut versucht.</translation>
    </message>
    <message>
        <source>{age} old</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{age} alt</translation>
    </message>
    <message>
        <source>{amount} are reserved until the trigger is reached.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{amount} sind reserviert, bis der Auslöser erreicht ist.</translation>
    </message>
    <message>
        <source>{amount} were added: the portfolio is brought to its weights at the next good prices.{hint}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{amount} wurden hinzugefügt: Das Portfolio kommt bei den nächsten guten Preisen auf seine Gewichte.{hint}</translation>
    </message>
    <message>
        <source>{amount} were {part}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{amount} wurden {part}.</translation>
    </message>
    <message>
        <source>{asset} cannot be traded in {quote} on this account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} ist auf diesem Konto nicht in {quote} handelbar.</translation>
    </message>
    <message>
        <source>{asset} keeps its weight when weights are shared out. Press to release it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} behält sein Gewicht, wenn Gewichte verteilt werden. Drücken Sie, um es freizugeben.</translation>
    </message>
    <message>
        <source>{asset} left the portfolio: it is sold by the next rebalance.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} hat das Portfolio verlassen: Das nächste Rebalancing verkauft ihn.</translation>
    </message>
    <message>
        <source>{asset} {weight} percent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{asset} {weight} Prozent</translation>
    </message>
    <message>
        <source>{at} UTC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{at} UTC</translation>
    </message>
    <message>
        <source>{back} go back to {name}, and nothing is booked.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{back} gehen an {name} zurück, und nichts wird gebucht.</translation>
    </message>
    <message>
        <source>{back} goes back to {name}, and nothing is booked.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{back} geht an {name} zurück, und nichts wird gebucht.</translation>
    </message>
    <message>
        <source>{best_asset}, best coin</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{best_asset}, bester Coin</translation>
    </message>
    <message>
        <source>{blocked} times it triggered and every order was below the minimum</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{blocked}-mal löste sie aus und jede Order lag unter dem Minimum</translation>
    </message>
    <message>
        <source>{blocked} times the rule triggered and every order was below the market's minimum.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{blocked}-mal löste die Regel aus und jede Order lag unter dem Minimum des Marktes.</translation>
    </message>
    <message>
        <source>{bought} go into coins, {cash}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{bought} gehen in Coins, {cash}</translation>
    </message>
    <message>
        <source>{called} is watch only in this program.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{called} ist in diesem Programm nur zu beobachten.</translation>
    </message>
    <message>
        <source>{card}, {coins}: {weights}. {returns}. {rule}, from {least_text} {quote}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{card}, {coins}: {weights}. {returns}. {rule}, ab {least_text} {quote}</translation>
    </message>
    <message>
        <source>{card}: not on this market, {unusable}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{card}: nicht auf diesem Markt, {unusable}</translation>
    </message>
    <message>
        <source>{cash} go to the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{cash} gehen in den freien Bestand.</translation>
    </message>
    <message>
        <source>{cash} stay as cash.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{cash} bleiben als Geld.</translation>
    </message>
    <message>
        <source>{change} realised by its sales</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{change} durch seine Verkäufe realisiert</translation>
    </message>
    <message>
        <source>{change} since it was bought or put in, on paper</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{change} seit er gekauft oder eingebracht wurde, auf dem Papier</translation>
    </message>
    <message>
        <source>{channel} was added. What is sent there is not encrypted on its way.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{channel} wurde hinzugefügt. Was dorthin gesendet wird, ist unterwegs nicht verschlüsselt.</translation>
    </message>
    <message>
        <source>{coins} and {cash} go to the free pool.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{coins} und {cash} gehen in den freien Bestand.</translation>
    </message>
    <message>
        <source>{coins} go back to the free pool</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{coins} gehen in den freien Bestand zurück</translation>
    </message>
    <message>
        <source>{coin} was delisted: its market is gone for good.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{coin} wurde vom Handel genommen: Sein Markt ist für immer weg.</translation>
    </message>
    <message>
        <source>{cost} a side</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{cost} je Seite</translation>
    </message>
    <message>
        <source>{count} candles of {timeframe} per coin, {gaps}; fee {fee} and half spread {half} a side{took}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Kerzen von {timeframe} je Coin, {gaps}; Gebühr {fee} und halber Spread {half} je Seite{took}</translation>
    </message>
    <message>
        <source>{count} coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Coins</translation>
    </message>
    <message>
        <source>{count} days</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Tage</translation>
    </message>
    <message>
        <source>{count} days a second</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Tage je Sekunde</translation>
    </message>
    <message>
        <source>{count} h a second</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} h je Sekunde</translation>
    </message>
    <message>
        <source>{count} min a second</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} min je Sekunde</translation>
    </message>
    <message>
        <source>{count} not ended</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} nicht beendet</translation>
    </message>
    <message>
        <source>{count} of {MAX_COINS}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} von {MAX_COINS}</translation>
    </message>
    <message>
        <source>{count} orders are yours to decide</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über {count} Orders müssen Sie entscheiden</translation>
    </message>
    <message>
        <source>{count} orders of it are yours to decide: look at the details</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Über {count} ihrer Orders müssen Sie entscheiden: Sehen Sie die Einzelheiten an</translation>
    </message>
    <message>
        <source>{count} rows so far, searching…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Zeilen bisher, es wird gesucht…</translation>
    </message>
    <message>
        <source>{count} rows so far; older ones come as you scroll down.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Zeilen bisher; ältere kommen beim Hinunterrollen.</translation>
    </message>
    <message>
        <source>{count} rows, all there are.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Zeilen, alle, die es gibt.</translation>
    </message>
    <message>
        <source>{count} rows. New ones came: press Refresh.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Zeilen. Neue sind da: Drücken Sie Neu lesen.</translation>
    </message>
    <message>
        <source>{count} strategies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} Strategien</translation>
    </message>
    <message>
        <source>{count} times</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count}-mal</translation>
    </message>
    <message>
        <source>{count} x</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count} x</translation>
    </message>
    <message>
        <source>{count}: {named}. Their coins are not sold: they go with the account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count}: {named}. Ihre Coins werden nicht verkauft: Sie gehen mit dem Konto.</translation>
    </message>
    <message>
        <source>{count}{count2} rebalances, {fees} % fees a year{drift}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{count}{count2} Rebalancings, {fees} % Gebühren im Jahr{drift}.</translation>
    </message>
    <message>
        <source>{days} D p.a.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{days} T p. a.</translation>
    </message>
    <message>
        <source>{days} days</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{days} Tage</translation>
    </message>
    <message>
        <source>{days} days old. {words}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{days} Tage alt. {words}</translation>
    </message>
    <message>
        <source>{days} days: not enough daily closes are known.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{days} Tage: nicht genug Tagesschlusskurse sind bekannt.</translation>
    </message>
    <message>
        <source>{day} {clock} UTC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{day} {clock} UTC</translation>
    </message>
    <message>
        <source>{day} {month}</source>
        <comment>date</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{day}. {month}</translation>
    </message>
    <message>
        <source>{day} {year}</source>
        <comment>date</comment>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{day} {year}</translation>
    </message>
    <message>
        <source>{detail} The damaged file is kept in {kept}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{detail} Die beschädigte Datei liegt in {kept}.</translation>
    </message>
    <message>
        <source>{direction} the {name} to {points}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{direction}: {name} auf {points}.</translation>
    </message>
    <message>
        <source>{direction} to {wanted}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{direction} auf {wanted}</translation>
    </message>
    <message>
        <source>{drift} pp is the {order} minimum{whose}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{drift} PP ist das {order}-Minimum{whose}.</translation>
    </message>
    <message>
        <source>{drift} pp of {value}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{drift} PP von {value}</translation>
    </message>
    <message>
        <source>{every} at any drift</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{every} bei jeder Abweichung</translation>
    </message>
    <message>
        <source>{every} if a drift is above {gate}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{every}, wenn eine Abweichung über {gate} liegt</translation>
    </message>
    <message>
        <source>{exact}: the weights of today over the last {used} days, one rebalance a day, no fees; {FORMULA}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{exact}: die Gewichte von heute über die letzten {used} Tage, ein Rebalancing am Tag, ohne Gebühren; {FORMULA}.</translation>
    </message>
    <message>
        <source>{fee} + half spread {half_spread}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{fee} + halber Spread {half_spread}</translation>
    </message>
    <message>
        <source>{file} is sound.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{file} ist in Ordnung.</translation>
    </message>
    <message>
        <source>{filled} of {count}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{filled} von {count}</translation>
    </message>
    <message>
        <source>{first} and {count} more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{first} und {count} weitere</translation>
    </message>
    <message>
        <source>{first} is expected to get furthest from its target: {turnover}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{first} wird sich voraussichtlich am weitesten von seinem Ziel entfernen: {turnover}</translation>
    </message>
    <message>
        <source>{goes}{then} If the order did trade after all, the comparison with the exchange will find the difference and say so; for a day it is also looked for now and then, and booked with an alarm if it turns up.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{goes}{then} Hat die Order doch gehandelt, findet der Abgleich mit der Börse den Unterschied und sagt es; einen Tag lang wird sie auch ab und zu gesucht und mit Alarm gebucht, wenn sie auftaucht.</translation>
    </message>
    <message>
        <source>{intro} {fails} It is no profit by itself: when all coins fall, the portfolio falls.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{intro} {fails} Für sich ist es kein Gewinn: Fallen alle Coins, fällt das Portfolio.</translation>
    </message>
    <message>
        <source>{invest}: add {more}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{invest}: {more} dazu.</translation>
    </message>
    <message>
        <source>{key} has no price now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{key} hat jetzt keinen Preis</translation>
    </message>
    <message>
        <source>{key} is at {key2}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{key} steht bei {key2}</translation>
    </message>
    <message>
        <source>{kind}  {masked}  ·  {PLACES}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{kind}  {masked}  ·  {PLACES}</translation>
    </message>
    <message>
        <source>{left} left to give</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{left} noch zu vergeben</translation>
    </message>
    <message>
        <source>{left} more than is free</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{left} mehr als frei ist</translation>
    </message>
    <message>
        <source>{left} too much</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{left} zu viel</translation>
    </message>
    <message>
        <source>{limit}, by ratio</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{limit}, nach Anteil</translation>
    </message>
    <message>
        <source>{meaning} in {quote}, and in % of everything that was put in</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{meaning} in {quote}, und in % von allem, was eingebracht wurde</translation>
    </message>
    <message>
        <source>{mode}, {where}; {PLACES}, ends with {ends}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{mode}, {where}; {PLACES}, endet auf {ends}</translation>
    </message>
    <message>
        <source>{money}: a rebalance is sent as soon as its rule triggers.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mit {money}: Ein Rebalancing wird gesendet, sobald seine Regel auslöst.</translation>
    </message>
    <message>
        <source>{money}: a rebalance is sent when you approve it.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>mit {money}: Ein Rebalancing wird gesendet, wenn Sie es genehmigen.</translation>
    </message>
    <message>
        <source>{month} {year}</source>
        <comment>date</comment>
        <translation>{month} {year}</translation>
    </message>
    <message>
        <source>{names} Trading is switched on only after a test without faults.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} Der Handel wird erst nach einem fehlerfreien Test eingeschaltet.</translation>
    </message>
    <message>
        <source>{names} and {count} more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} und {count} weitere</translation>
    </message>
    <message>
        <source>{names} and {parts}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} und {parts}</translation>
    </message>
    <message>
        <source>{names} are in the strategy already.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} sind schon in der Strategie.</translation>
    </message>
    <message>
        <source>{names} cannot be traded in {quote} on this account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Auf diesem Konto nicht in {quote} handelbar: {names}.</translation>
    </message>
    <message>
        <source>{names} has no candles of {names2}; it has {there}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} hat keine Kerzen von {names2}; es hat {there}.</translation>
    </message>
    <message>
        <source>{names} is in the strategy already.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} ist schon in der Strategie.</translation>
    </message>
    <message>
        <source>{names} skipped</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} ausgelassen</translation>
    </message>
    <message>
        <source>{names} skipped: {reason}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} ausgelassen: {reason}</translation>
    </message>
    <message>
        <source>{names} will not be bought now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} wird jetzt nicht gekauft</translation>
    </message>
    <message>
        <source>{names} will not be traded now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{names} wird jetzt nicht gehandelt</translation>
    </message>
    <message>
        <source>{name} (halted)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} (angehalten)</translation>
    </message>
    <message>
        <source>{name} (refused)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} (abgelehnt)</translation>
    </message>
    <message>
        <source>{name} (waits)</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} (wartet)</translation>
    </message>
    <message>
        <source>{name} a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} im Jahr</translation>
    </message>
    <message>
        <source>{name} a year: {shown}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} im Jahr: {shown}</translation>
    </message>
    <message>
        <source>{name} is halted: nothing is sent for it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} ist angehalten: Nichts wird dafür gesendet</translation>
    </message>
    <message>
        <source>{name} waits: nothing is sent for it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wartet: Nichts wird dafür gesendet</translation>
    </message>
    <message>
        <source>{name} was written to {path}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name} wurde nach {path} geschrieben.</translation>
    </message>
    <message>
        <source>{name}: not known yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: noch nicht bekannt</translation>
    </message>
    <message>
        <source>{name}: not worked out yet</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: noch nicht berechnet</translation>
    </message>
    <message>
        <source>{name}: not worked out yet.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: noch nicht berechnet.</translation>
    </message>
    <message>
        <source>{name}: {spoken_bound} percent a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: {spoken_bound} Prozent im Jahr</translation>
    </message>
    <message>
        <source>{name}: {spoken_bound} points</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}: {spoken_bound} Punkte</translation>
    </message>
    <message>
        <source>{name}{own}: never rebalanced</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{name}{own}: nie rebalanciert</translation>
    </message>
    <message>
        <source>{notice} All legs trade from {full}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{notice} Ab {full} handeln alle Einzelorders.</translation>
    </message>
    <message>
        <source>{now} It is looked at again in {every}, and traded if it then exceeds {shown}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{now} In {every} wird wieder geprüft und gehandelt, wenn sie dann über {shown} liegt.</translation>
    </message>
    <message>
        <source>{now} That exceeds {shown}: the rule sends these orders at its first check.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{now} Das liegt über {shown}: Die Regel sendet diese Orders bei ihrer ersten Prüfung.</translation>
    </message>
    <message>
        <source>{now} The rule trades when it exceeds {shown}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{now} Die Regel handelt, wenn sie {shown} überschreitet.</translation>
    </message>
    <message>
        <source>{now} now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{now} jetzt</translation>
    </message>
    <message>
        <source>{occupied} of {MAX_STRATEGIES}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{occupied} von {MAX_STRATEGIES}</translation>
    </message>
    <message>
        <source>{old} has a new name: take it over first.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{old} hat einen neuen Namen: Übernehmen Sie ihn zuerst.</translation>
    </message>
    <message>
        <source>{old} is called {new} now</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{old} heißt jetzt {new}</translation>
    </message>
    <message>
        <source>{old} to {new}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{old} zu {new}</translation>
    </message>
    <message>
        <source>{old} was taken over as {new}. Press Resume to go on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{old} wurde als {new} übernommen. Drücken Sie Fortsetzen, damit es weitergeht.</translation>
    </message>
    <message>
        <source>{others} more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{others} weitere</translation>
    </message>
    <message>
        <source>{others} more: show the next</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{others} weitere: den nächsten zeigen</translation>
    </message>
    <message>
        <source>{out} of the {amount} will come out</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{out} von {amount} werden herauskommen</translation>
    </message>
    <message>
        <source>{pair} HODL wins when, over a year, one coin grows more than {ratio} times as much as the other.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{pair} HODL gewinnt, wenn in einem Jahr ein Coin mehr als das {ratio}-Fache des anderen wächst.</translation>
    </message>
    <message>
        <source>{part} at {decimal}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{part} zu {decimal}</translation>
    </message>
    <message>
        <source>{part}The next rebalance tries again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{part}Das nächste Rebalancing versucht es wieder.</translation>
    </message>
    <message>
        <source>{path} was not imported.

{text}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{path} wurde nicht importiert.

{text}</translation>
    </message>
    <message>
        <source>{path} was written.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{path} wurde geschrieben.</translation>
    </message>
    <message>
        <source>{price_reason}: the last price, of {age} ago</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{price_reason}: der letzte Preis, {age} alt</translation>
    </message>
    <message>
        <source>{quote}, weights unchanged</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{quote}, Gewichte unverändert</translation>
    </message>
    <message>
        <source>{reserved} of {name}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{reserved} von {name}</translation>
    </message>
    <message>
        <source>{rounded} a unit, fees included</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{rounded} je Einheit, mit Gebühren</translation>
    </message>
    <message>
        <source>{rule}, checked every {check_period}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{rule}, geprüft alle {check_period}</translation>
    </message>
    <message>
        <source>{running} strategies are</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{running} Strategien laufen</translation>
    </message>
    <message>
        <source>{shown} cannot be traded in {quote} on this account.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{shown} ist auf diesem Konto nicht in {quote} handelbar.</translation>
    </message>
    <message>
        <source>{shown} of {all} lines</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{shown} von {all} Zeilen</translation>
    </message>
    <message>
        <source>{small_money} of {account} buy {coin}, which is sold back at once. About {cost} of it do not come back: two fees and the difference between the two prices. It is {money}. The account stays on watch only afterwards.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Für {small_money} von {account} wird {coin} gekauft und sofort zurückverkauft. Etwa {cost} davon kommen nicht zurück: zwei Gebühren und der Unterschied der beiden Preise. Es ist {money}. Das Konto beobachtet danach weiterhin nur.</translation>
    </message>
    <message>
        <source>{source}, no date</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{source}, ohne Datum</translation>
    </message>
    <message>
        <source>{source}, {days} days old</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{source}, {days} Tage alt</translation>
    </message>
    <message>
        <source>{start} Next rebalance when {asset} {side} {weight}: near {about} if the other prices hold.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{start} Nächstes Rebalancing, wenn {asset} {side} {weight} kommt: nahe {about}, wenn die anderen Preise bleiben.</translation>
    </message>
    <message>
        <source>{start} unknown: {reason}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{start} unbekannt: {reason}</translation>
    </message>
    <message>
        <source>{stays} Stop gives everything back.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{stays} Beenden gibt alles zurück.</translation>
    </message>
    <message>
        <source>{step} It holds: {why}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{step} Er hält an: {why}</translation>
    </message>
    <message>
        <source>{subject} drift</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>Abweichung von {subject}</translation>
    </message>
    <message>
        <source>{symbol}: uses {small_money}, costs about {cost}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{symbol}: verwendet {small_money}, kostet etwa {cost}</translation>
    </message>
    <message>
        <source>{text} Look at the exchange yourself.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{text} Sehen Sie selbst an der Börse nach.</translation>
    </message>
    <message>
        <source>{text}. See Notes.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{text}. Siehe Hinweise.</translation>
    </message>
    <message>
        <source>{tier_reason} This account can be watched; it cannot trade.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{tier_reason} Dieses Konto kann beobachtet werden; handeln kann es nicht.</translation>
    </message>
    <message>
        <source>{title} is held</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title} ist angehalten</translation>
    </message>
    <message>
        <source>{title} is on watch only.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title} beobachtet nur.</translation>
    </message>
    <message>
        <source>{title} of all strategies</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title} aller Strategien</translation>
    </message>
    <message>
        <source>{title} only watches without its key</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title} beobachtet ohne seinen Schlüssel nur</translation>
    </message>
    <message>
        <source>{title} only watches without its key.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title} beobachtet ohne seinen Schlüssel nur.</translation>
    </message>
    <message>
        <source>{title} trades no more</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title} handelt nicht mehr</translation>
    </message>
    <message>
        <source>{title}: on</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title}: ein</translation>
    </message>
    <message>
        <source>{title}: {before} → {after}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{title}: {before} → {after}</translation>
    </message>
    <message>
        <source>{todo}, with play money until you decide otherwise.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{todo}, mit Spielgeld, bis Sie anders entscheiden.</translation>
    </message>
    <message>
        <source>{todo}, with {money}: its orders are shown before anything is sent.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{todo}, mit {money}: Die Orders werden gezeigt, bevor etwas gesendet wird.</translation>
    </message>
    <message>
        <source>{todo}. Its orders are shown before anything is sent; as long as this account only watches, nothing is.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{todo}. Die Orders werden gezeigt, bevor etwas gesendet wird; solange dieses Konto nur beobachtet, wird nichts gesendet.</translation>
    </message>
    <message>
        <source>{turnover} the portfolio</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{turnover} das Portfolio</translation>
    </message>
    <message>
        <source>{turnover} times</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{turnover}-mal</translation>
    </message>
    <message>
        <source>{used} of {days} D</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{used} von {days} T</translation>
    </message>
    <message>
        <source>{utc_clock} UTC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{utc_clock} UTC</translation>
    </message>
    <message>
        <source>{utc_date} {at} UTC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{utc_date} {at} UTC</translation>
    </message>
    <message>
        <source>{utc_stamp} UTC</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{utc_stamp} UTC</translation>
    </message>
    <message>
        <source>{value} BNB</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{value} BNB</translation>
    </message>
    <message>
        <source>{value} is not a money of this account: choose another.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{value} ist kein Geld dieses Kontos: Wählen Sie ein anderes.</translation>
    </message>
    <message>
        <source>{value} percent</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{value} Prozent</translation>
    </message>
    <message>
        <source>{value} {base} of it are booked already and stay booked</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{value} {base} davon sind schon gebucht und bleiben gebucht</translation>
    </message>
    <message>
        <source>{versus} {unit} vs HODL, worst drawdown {decimal}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{versus} {unit} gegen HODL, größter Drawdown {decimal}</translation>
    </message>
    <message>
        <source>{wanted} is under the {least} minimum of {symbol}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{wanted} liegt unter dem Minimum {least} von {symbol}</translation>
    </message>
    <message>
        <source>{wanted} wanted, and not enough money is left for it</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{wanted} gewünscht, und dafür ist nicht genug Geld übrig</translation>
    </message>
    <message>
        <source>{wanted} wanted: {why}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{wanted} gewünscht: {why}</translation>
    </message>
    <message>
        <source>{wanted}, cut to the step size, is under the minimum of {symbol}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{wanted}, auf die Schrittweite gekürzt, liegt unter dem Minimum von {symbol}</translation>
    </message>
    <message>
        <source>{watched} strategies have</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{watched} Strategien haben</translation>
    </message>
    <message>
        <source>{what} booked as gone. Press Resume to go on.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{what} als verschwunden gebucht. Drücken Sie Fortsetzen, damit es weitergeht.</translation>
    </message>
    <message>
        <source>{what} of this strategy left the account outside the program. The rest stays where it is; nothing is sent and nothing is bought back.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{what} dieser Strategie haben das Konto außerhalb des Programms verlassen. Der Rest bleibt, wo er ist; nichts wird gesendet und nichts zurückgekauft.</translation>
    </message>
    <message>
        <source>{what} {span} of {timeframe} candles{old}, {side}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{what} {span} von {timeframe}-Kerzen{old}, {side}.</translation>
    </message>
    <message>
        <source>{where} at {api_url}</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{where} bei {api_url}</translation>
    </message>
    <message>
        <source>{whole} coins: a strategy holds at most {MAX_COINS}. Untick {whole2}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{whole} Coins: Eine Strategie hält höchstens {MAX_COINS}. Nehmen Sie {whole2} Häkchen weg.</translation>
    </message>
    <message>
        <source>{whole} of {MAX_COINS} coins</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{whole} von {MAX_COINS} Coins</translation>
    </message>
    <message>
        <source>{who} running</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{who}</translation>
    </message>
    <message>
        <source>{why}. It is tried again.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{why}. Es wird erneut versucht.</translation>
    </message>
    <message>
        <source>{without_evidence} A new account only watches.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{without_evidence} Ein neues Konto beobachtet nur.</translation>
    </message>
    <message>
        <source>{words} The play money and coins of the account, {money} now, are not carried over.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{words} Das Spielgeld und die Coins des Kontos, jetzt {money}, werden nicht übernommen.</translation>
    </message>
    <message>
        <source>{word}, for about {cost}…</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{word}, für etwa {cost}…</translation>
    </message>
    <message>
        <source>{yearly} rebalances a year, fees {fees}{drag} a year</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>{yearly} Rebalancings im Jahr, Gebühren {fees}{drag} im Jahr</translation>
    </message>
    <message>
        <source>“{digits}” can be read as {as_decimal} or as {as_whole}. Write {as_decimal} or {as_whole}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>„{digits}“ kann als {as_decimal} oder als {as_whole} gelesen werden. Schreiben Sie {as_decimal} oder {as_whole}.</translation>
    </message>
    <message>
        <source>“{shown}” has a sign in the wrong place. One sign may stand in front.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>„{shown}“ hat ein Vorzeichen an der falschen Stelle. Ein Vorzeichen darf vorn stehen.</translation>
    </message>
    <message>
        <source>“{shown}” has an exponent. Write the number out in digits.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>„{shown}“ hat einen Exponenten. Schreiben Sie die Zahl aus.</translation>
    </message>
    <message>
        <source>“{shown}” is not a number. Enter digits only; the unit is already there.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>„{shown}“ ist keine Zahl. Geben Sie nur Ziffern ein; die Einheit steht schon da.</translation>
    </message>
    <message>
        <source>“{shown}” is not a number: the decimal mark is {name} and may stand once; marks between thousands must stand before each three digits.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>„{shown}“ ist keine Zahl: Das Dezimalzeichen ist {name} und darf einmal vorkommen; Zeichen zwischen Tausendern müssen vor je drei Ziffern stehen.</translation>
    </message>
    <message>
        <source>“{shown}” is not a unit of time: s, min, h, d or w.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>„{shown}“ ist keine Zeiteinheit: s, min, h, d oder w.</translation>
    </message>
    <message>
        <source>“{shown}” is not an amount. Enter a number in digits.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>„{shown}“ ist kein Betrag. Geben Sie eine Zahl in Ziffern ein.</translation>
    </message>
    <message>
        <source>“{shown}”: the decimal mark here is {name}. Write {hint}.</source>
        <translatorcomment>machine-made, not reviewed</translatorcomment>
        <translation>„{shown}“: Das Dezimalzeichen ist hier {name}. Schreiben Sie {hint}.</translation>
    </message>
</context>
</TS>
