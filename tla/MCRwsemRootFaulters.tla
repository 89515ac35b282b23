------------------------------------ MODULE MCRwsemRootFaulters ------------------------------------
(* RwsemRootFaulters for TLC: see Models. *)
EXTENDS RwsemRootFaulters, Models
====================================================================================================
