"""What happens in a life, as lines of 'type@when' (lifecycles.py says what each means)."""

WHENS = ["=", "=", "+1ms", "+7m", "+3h", "+1d", "+2d", "+5d", "+30d", "mid", "mid-1", "mid+1", "end", "end", "end-1", "end+1", "last",
         "before", "past", "edge", "edge", "edge-1", "edge+1", "longest", "longest-1", "longest+1", "back", "back+1"]

SCRIPTS = [line.split() for line in """
answered@end
answered@end+1
answered@end-1
closed@end called_back@+1d
closed@end+1 answered@+1d reopened@+2d answered@end
dispatched@+7m signed@+3h contacted@+1d answered@+1d called_back@+1d closed@=
signed@= dispatched@= transferred@= returned@= suspended@= resumed@= answered@= closed@= reopened@=
suspended@end resumed@+5d answered@end
suspended@end+1 resumed@+5d answered@+1d
suspended@end-1 resumed@+30d answered@end+1
suspended@= resumed@= suspended@= resumed@+1d answered@end
suspended@last resumed@end+1 suspended@end resumed@+2d answered@end
suspended@+1d suspended@+2d resumed@+1d resumed@+1d answered@end
suspended@+1d dispatched@+1d signed@+1d transferred@+1d resumed@+1d answered@end-1
suspended@+1d returned@+1d resumed@+1d reopened@+1d
suspended@+1d amended@+1d answered@+5d reopened@+1d answered@end
suspended@+1d closed@+5d reopened@= closed@end+1
suspended@+1d extension_granted@+5d resumed@+5d answered@end
suspended@+1d extension_requested@+30d resumed@+1d extension_granted@end+1 answered@end
suspended@+1d extension_requested@+30d extension_granted@+1d voided@+1d answered@+1d
suspended@+1d merged@+5d resumed@+1d
suspended@+1d contacted@+5d resumed@+5d contacted@+1d answered@end
extension_requested@end extension_granted@+1d answered@end
extension_requested@end+1 extension_granted@+1d answered@end
extension_requested@end+1 suspended@end extension_granted@= answered@end
extension_granted@end answered@end
extension_granted@end+1 answered@end
extension_requested@+1d extension_granted@+1d extension_granted@+1d extension_granted@+1d answered@end
extension_requested@+1d extension_requested@end+1 extension_granted@+1d answered@+1d
extension_requested@end+1 extension_requested@before extension_granted@+1d answered@+1d
extension_requested@+1d extension_refused@+1d extension_granted@end+1 answered@end
extension_requested@+1d answered@+1d extension_granted@+1d reopened@+1d extension_granted@end+1 answered@+1d
extension_requested@end extension_granted@end answered@end reopened@end+1 extension_requested@end extension_granted@+1d
answered@+1d answered@+1d called_back@+1d reopened@+1d dispatched@+1d answered@end called_back@= called_back@=
answered@+1d dispatched@+1d transferred@+1d returned@+1d amended@+1d reopened@+1d
answered@+1d returned@+1d reopened@mid reopened@+1d returned@+1d closed@+1d reopened@mid-1 closed@end closed@+1d
returned@+7m answered@+1d reopened@+1d
answered@+1d closed@+1d answered@+1d reopened@+1d closed@+1d answered@+1d reopened@+1d answered@+1d
closed@+1d reopened@+1d reopened@+1d suspended@+1d reopened@+1d resumed@+1d
amended@+1d answered@end amended@+30d
answered@+1d amended@+1d amended@+1d reopened@+1d amended@+1d amended@=
transferred@end answered@end+1
transferred@end+1 transferred@end returned@end-1
amended@end amended@end+1 supervised@= urged@=
received@before received@+1d received@+2d answered@end
dispatched@past suspended@past answered@past urged@past
answered@+1d received@past voided@past
voided@+1d answered@+1d called_back@= amended@= merged@= urged@= reopened@= voided@=
merged@+1d answered@+1d called_back@+1d amended@+1d
selfmerge@+1d answered@+1d selfmerge@+1d
answered@end+1 voided@+1d amended@+1d
voided@end+1
voided@= received@= answered@= merged@=
link@before link@= link@+1d answered@+1d link@+1d link@= called_back@= link@past
voided@+1d link@+1d
merged@= voided@=
called_back@= called_back@= called_back@= transferred@= transferred@= transferred@= dispatched@=
contacted@end contacted@end+1 answered@end
contacted@end+1 answered@end
contacted@= contacted@+1d closed@+1d reopened@+1d contacted@+1d
urged@+1d supervised@+1d answered@+1d urged@+1d supervised@+1d
answered@+30d reopened@+30d answered@end-1 reopened@+30d answered@end+1 reopened@end
suspended@= resumed@longest answered@end
suspended@= answered@longest
suspended@edge answered@longest-1 reopened@+1d suspended@= answered@longest+1
suspended@+1d dispatched@longest-1 urged@longest supervised@= suspended@longest answered@end
suspended@+1d resumed@longest-1 suspended@= extension_granted@+1d contacted@longest+1 answered@end-1
suspended@end urged@longest suspended@end answered@longest
suspended@= supervised@+1d resumed@+3h answered@end
suspended@edge resumed@edge suspended@edge resumed@edge answered@end
suspended@edge-1 resumed@edge+1 answered@end+1
dispatched@edge signed@end transferred@+1d signed@end+1 transferred@= answered@end
dispatched@= dispatched@edge signed@edge transferred@edge-1 signed@edge answered@edge
dispatched@+3h returned@back dispatched@+3h returned@+1d dispatched@= returned@= answered@end
dispatched@+1d returned@back+1 transferred@+7m returned@back returned@back-1 answered@+1d reopened@+1d returned@back
dispatched@+7m member@+3h lead@+1d member@end reopened@+1d member@= lead@end member@end+1 closed@+1d member@+1d
dispatched@+7m suspended@= member@+1d member@end resumed@+1d lead@end closed@= reopened@=
dispatched@+7m amended@+3h transferred@+3h member@+3h dispatched@+3h amended@= member@end answered@+1d amended@+1d reopened@+3h
dispatched@edge lead@+3h dispatched@+3h member@end voided@end
extension_requested@end extension_refused@end extension_requested@end extension_granted@end answered@end
extension_requested@+3h suspended@+3h extension_granted@+1d extension_requested@+3h resumed@+1d extension_refused@end answered@=
extension_requested@edge extension_requested@edge answered@edge reopened@edge extension_requested@end+1 extension_granted@=
supervised@+3h suspended@+3h supervised@+1d resumed@+1d extension_granted@+1d supervised@+1d answered@end
supervised@= extension_granted@= supervised@= suspended@= supervised@= resumed@longest answered@end
supervised@end answered@end called_back@+1d answered@end called_back@= answered@end+1 called_back@longest answered@+1d
answered@edge called_back@+3h answered@end called_back@+3h closed@+3h called_back@= amended@+1d answered@end
answered@+1d closed@+1d called_back@= dispatched@+3h answered@end called_back@end reopened@end
answered@+1d called_back@= suspended@= resumed@longest extension_granted@= amended@+1d answered@end
dispatched@+3h amended@+3h suspended@+1d extension_granted@+1d resumed@+1d dispatched@+1d suspended@+3h resumed@longest answered@end
suspended@+3h amended@+1d dispatched@+3h resumed@+1d answered@end reopened@+1d answered@end
urged@+3h urged@edge signed@+3h urged@end supervised@= answered@end urged@+1d
""".strip().splitlines()]
RATING_SCRIPTS = [line.split() for line in """
rectified@end
rectified@end+1
rectified@end-1 rectified@+1d appeal_upheld@+1d
appealed@+1d appeal_upheld@end+1 rectified@+1d
appeal_upheld@end rectified@end
rectified@= appeal_upheld@= called_back@=
appealed@+1d appeal_rejected@+1d rectified@end replied@+1d called_back@+1d published@+1d
verified@before rectified@before appeal_upheld@past called_back@past
submitted@before submitted@+1d rectified@end
called_back@+1d called_back@= called_back@=
verified@= verified@+1d
""".strip().splitlines()]
