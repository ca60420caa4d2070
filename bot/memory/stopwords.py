"""Words that carry no topic: function and question words, which every memory shares and no search is about.

English is complete. Of the other languages only words that are not also English words of content are listed
("die", "war", "son" or "come" would lose more than they save), so that one set serves mixed-language chats.
"""

from __future__ import annotations

_ENGLISH = """
a about after again all also am an and any are aren as at be because been before being both but by can could couldn d
did didn do does doesn doing don down each few for from further get got had hadn has hasn have haven having he her
here hers him his how i if in into is isn it its just ll m may me might mine more most must my no nor not now of off
on once only or other our ours out over own re s same shall she should shouldn so some such t than that the their
theirs them then there these they this those through to too under until up us ve very was wasn we were weren what when
where which while who whom whose why will with won would wouldn you your yours
"""
_GERMAN = """
aber als am an auf aus bei bin bist da das dass dein deine dem den der des dich dir du ein eine einem einen einer er
es euch für habe haben hast ich ihm ihn ihr im ist ja kann mein meine meinem meinen meiner mich mir mit nach nicht
noch nur oder sehr sich sie sind über und uns unser von was weil wenn wer werden wie wir wird wo wohin warum wann welche
welcher welches zu zum zur
"""
_FRENCH = """
ai as au aux avec ce ces cette c d de des du elle elles en est et être eu il ils j je l la le les leur leurs lui ma
mais mes moi mon n ne nos notre nous ou où par pas pourquoi qu quand que quel quelle quelles quels qui quoi sa se ses
si sont suis sur ta te tes toi ton tu un une vos votre vous y
"""
_SPANISH = """
al con cuál cuándo cómo de del dónde el ella ellos en eres es esta este estoy está ha hay he la las le lo los me mi
mis muy nos nuestra nuestro o para pero por porque qué quién se si soy su sus sí también te tengo tiene tu tus un una
uno y ya yo
"""
_ITALIAN = """
che chi ci cosa da dal del della delle di e gli ho hai ha ai i il io la le lei lo lui mi mia mie mio ne nel nella noi
non o perché qual quale quali quando quanto questo se sei si sono su sua suo sul ti tu tua tuo un una uno voi è
"""
_PORTUGUESE = """
ao aos com como da das de do dos e ela ele eles em eu foi há isso isto já mais mas me meu meus minha minhas na nas no
nos não o os ou para pela pelo por porque qual quais quando que quem se sem seu sou sua são também te tem tenho teu
tua um uma você é à
"""
_DUTCH = """
aan als bij dat de deze dit een en er ben bent het hoe hij ik in is jij je jouw kan maar met mij mijn naar niet nog om
ook op te uit u voor waar waarom wanneer wat we welke wie wij wordt zijn zij ze
"""
_RUSSIAN = """
а без бы был была были было в вам вас во вот все вы где да для до его ее её если есть еще ещё же за и из или им их к
как какая какие какой когда кто ли мне мой моя мои моё меня мы на над не нет но о об он она они от по почему при про с
свой себя со так там тебя то тоже ты у уже чем что чтобы это этот я
"""
_WORDS = (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _ITALIAN, _PORTUGUESE, _DUTCH, _RUSSIAN)

STOP_WORDS = frozenset(word for words in _WORDS for word in words.split())
