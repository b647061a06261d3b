"""The stateful model of delivery: the program itself, stepped through every order of events that it may meet.

clock       one time for the database and all processes, which passes when it is told to
workers     sending processes that stop at every seam of the protocol, sleep there, or die
provider    takes, refuses, or loses its answer; judges each call as it begins (I5 to I7, I9)
machine     what may happen, and in which order: hypothesis chooses
invariants  what must hold once everything rests (I1 to I4, I9)
mutants     five ways to break the protocol, each of which the machine must find
"""
