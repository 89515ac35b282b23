----------------------------------------------------- MODULE MCOwnLock -----------------------------------------------------
(* OwnLock for TLC. One cfg beside this module is one model: its bounds, and the claims that TLC is to check.             *)
EXTENDS OwnLock

============================================================================================================================
